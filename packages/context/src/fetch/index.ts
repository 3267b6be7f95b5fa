/** The selector out and the trail in for `fetch` and undici, to listed hosts only. */
export { type CanaryFetchOptions, createFetch } from "./create-fetch.ts";
export type { CanaryHosts } from "./hosts.ts";
export { canaryInterceptor } from "./interceptor.ts";
