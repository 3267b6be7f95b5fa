/** What perch does on one machine. */
export { type Engine, startEngine } from "./engine.ts";
export { type GithubIdentity, githubIdentity } from "./github/credentials.ts";
export type { EngineOptions, GithubOption, WebhookOption } from "./options.ts";
export { findSandbox } from "./processes/sandbox.ts";
export { checkGithub } from "./pull-requests/check.ts";
export { checkFront } from "./routes/check.ts";
export { type GrpcRouter, type GrpcRouterOptions, startGrpcRouter } from "./routes/grpc/index.ts";
export {
  type HttpListenerOptions,
  type HttpRouter,
  startEdge,
  startHttpRouter,
} from "./routes/http/index.ts";
