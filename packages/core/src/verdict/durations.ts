import type { Histogram } from "./types.ts";

/** How many were counted. */
export function totalOf({ counts }: Pick<Histogram, "counts">): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A percentile as the upper bound of its bucket (of the last one: its lower bound); `null` if nothing was counted. @param rank over 0 and under 1. */
export function percentileOf({ bounds, counts }: Histogram, rank: number): number | null {
  const total = totalOf({ counts });
  if (total === 0) return null;
  // Sums of fractions, which rates are made of, may end a hair under their total.
  const wanted = Math.ceil(total * rank - 1e-6) - 1e-6;
  let seen = 0;
  for (const [bucket, count] of counts.entries()) {
    seen += count;
    if (count > 0 && seen >= wanted) return bounds[bucket] ?? bounds.at(-1) ?? null;
  }
  return bounds.at(-1) ?? null;
}

/** How many took longer than so many milliseconds for certain: a bucket that has this within it does not count. */
export function countOver({ bounds, counts }: Histogram, milliseconds: number): number {
  return counts.reduce((sum, count, bucket) => {
    const lower = bucket === 0 ? 0 : (bounds[bucket - 1] ?? Number.POSITIVE_INFINITY);
    return lower >= milliseconds ? sum + count : sum;
  }, 0);
}
