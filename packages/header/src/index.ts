/** The wire contract of perch: what is in `X-Canary` and `X-Canary-Trail`, parsed and formatted. */
export * from "./names.ts";
export * from "./selector.ts";
export * from "./trail.ts";
