export * from "./backoff.ts";
export * from "./diff.ts";
export * from "./plan.ts";
export * from "./usage.ts";
