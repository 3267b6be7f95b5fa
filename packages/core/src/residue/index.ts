export * from "./cluster.ts";
export * from "./local.ts";
