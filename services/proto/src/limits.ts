/**
 * What an item may be. The one place: the store enforces it, the HTTP API publishes it in its OpenAPI document.
 * Lengths are in characters (Unicode code points).
 */
export const LIMITS = {
  /** Also safe in a URL path, an ETag and a log line. */
  id: { pattern: "^[a-z0-9]([-a-z0-9]{0,62}[a-z0-9])?$", maxLength: 64 },
  /** No control characters, no white space at either end. */
  name: { pattern: "^(?!\\s)\\P{Cc}+(?<!\\s)$", maxLength: 120 },
  description: { maxLength: 2_000 },
  priceCents: { minimum: 0, maximum: 100_000_000 },
  version: { minimum: 1, maximum: 2_147_483_647 },
  pageSize: { minimum: 1, default: 20, maximum: 100 },
  /** A token of the store is shorter; what is longer is none. */
  pageToken: { maxLength: 128 },
} as const;

/** The patterns of `LIMITS`, for a person. */
export const LIMITS_IN_WORDS = {
  id: "must be 1 to 64 lower-case letters, digits and inner hyphens",
  name: "must have 1 to 120 characters, no control character, and no white space at either end",
} as const;
