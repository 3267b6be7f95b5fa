import type { FastifyCorsOptions } from "@fastify/cors";

/** Seconds that a browser may keep the answer to a preflight. */
const MAX_AGE = 600;

/** Lets pages of these origins choose a canary, and see which one served. */
export function corsOptions(origins: readonly string[]): FastifyCorsOptions {
  return {
    origin: origins.includes("*") ? "*" : [...origins],
    methods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
    allowedHeaders: ["Content-Type", "If-Match", "X-Canary"],
    exposedHeaders: ["ETag", "Location", "Retry-After", "X-Canary-Echo", "X-Canary-Trail"],
    maxAge: MAX_AGE,
    // An OPTIONS request that is no preflight gets the same harmless answer, not an error in plain text.
    strictPreflight: false,
  };
}
