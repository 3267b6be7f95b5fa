export * from "./cluster/index.ts";
export * from "./disk.ts";
export * from "./measurements.ts";
export * from "./status.ts";
export * from "./timeline.ts";
export * from "./try.ts";
export * from "./types.ts";
