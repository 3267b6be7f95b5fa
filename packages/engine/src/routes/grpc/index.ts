/** The gRPC side of the embedded east–west router. */

export { type GrpcRouter, type GrpcRouterOptions, startGrpcRouter } from "./router.ts";
