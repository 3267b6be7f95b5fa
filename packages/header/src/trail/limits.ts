/** Most entries in a formatted trail; the final `"+"` counts as one. */
export const MAX_TRAIL_ENTRIES = 32;

/** Most bytes in a formatted trail. */
export const MAX_TRAIL_BYTES = 4096;

/** Most bytes that `parseTrail` looks at, all lines together: room for what a careless proxy joined. */
export const MAX_TRAIL_INPUT_BYTES = 16_384;

/** Characters of a service name or revision that a trail shows: an image tag has up to 128. */
export const MAX_TRAIL_TEXT = 128;

/** Stands at the end of a trail for the hops that were left out. No service has this name. */
export const CUT_MARK = "+";

/** Highest Integer of RFC 9651 section 3.3.1: fifteen digits. */
const MAX_INTEGER = 999_999_999_999_999;

/** How many hops `n` or `cut` stands for: itself where it is a count that a field can hold, otherwise `fallback`. */
export function countOf(count: number | undefined, fallback: number): number {
  if (count === undefined || !Number.isInteger(count) || count < 1) return fallback;
  return Math.min(count, MAX_INTEGER);
}

/** A sum of counts. It stops at the highest Integer: what is summed are other services' claims. */
export function addCounts(a: number, b: number): number {
  return Math.min(a + b, MAX_INTEGER);
}
