/** The contract of the store service: `store.v1.StoreService`, its messages, a client for grpc-js, and its limits. */
export * from "./gen/store/v1/store.ts";
export * from "./limits.ts";
