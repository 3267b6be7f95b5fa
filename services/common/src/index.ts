/** What every service of the shop does alike. */
export * from "./env.ts";
export * from "./identity.ts";
export * from "./logger.ts";
export * from "./metrics.ts";
export * from "./run.ts";
