export * from "./cluster.ts";
export * from "./github.ts";
export * from "./local.ts";
