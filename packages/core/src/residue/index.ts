export * from "./cluster.ts";
export * from "./github.ts";
