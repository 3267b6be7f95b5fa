import type { Histogram, Sample } from "../../src/verdict/index.ts";

/** Milliseconds. */
export const BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

export function histogramOf(durations: readonly number[], bounds: readonly number[] = BOUNDS): Histogram {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const duration of durations) {
    const bucket = bounds.findIndex((bound) => duration <= bound);
    const at = bucket === -1 ? bounds.length : bucket;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return { bounds, counts };
}

/** So many requests, of which some failed, and which all took so long. */
export function sample(requests: number, errors = 0, milliseconds = 8): Sample {
  return {
    requests,
    errors,
    durations: histogramOf(Array.from({ length: requests }, () => milliseconds)),
  };
}

/** The same numbers for the same seed, from 0 to 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
