/** The selector in and the trail out for servers of `@grpc/grpc-js`, and the other way round for its clients. */
export { type CanaryClientOptions, canaryClientInterceptor } from "./client.ts";
export { type CanaryServerOptions, canaryServerInterceptor } from "./server.ts";
