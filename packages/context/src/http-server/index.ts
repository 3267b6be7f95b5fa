/** The selector in, and `Vary`, echo and trail out, for `node:http`, Express and Fastify. */
export { type CanaryMiddleware, canaryExpress } from "./express.ts";
export { canaryFastify } from "./fastify.ts";
export { withCanary } from "./node.ts";
export type { CanaryHttpOptions } from "./options.ts";
