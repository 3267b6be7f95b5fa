export * from "./edge.ts";
export * from "./explain.ts";
export * from "./resolve.ts";
export * from "./table.ts";
export * from "./types.ts";
