/** Durations are counted in buckets whose bounds grow by this factor, so that a percentile is off by at most that. */
export const BUCKET_FACTOR = 1.2;
/** Milliseconds; the first bucket takes what is shorter. */
export const SHORTEST = 0.5;
/** The last bucket begins at about 48 s and takes what is longer. */
export const BUCKETS = 64;

const LOG_FACTOR = Math.log(BUCKET_FACTOR);

/** The bucket of a duration in milliseconds: bucket `i` covers `(bound(i - 1), bound(i)]`. */
export function bucketOf(milliseconds: number): number {
  if (!(milliseconds > SHORTEST)) return 0;
  // A hair is taken off: the logarithm of a bound itself may come out above its index.
  const index = Math.ceil(Math.log(milliseconds / SHORTEST) / LOG_FACTOR - 1e-9);
  return Math.min(index, BUCKETS - 1);
}

/** The upper bound of a bucket, in milliseconds. */
export function bound(bucket: number): number {
  return SHORTEST * BUCKET_FACTOR ** bucket;
}

/**
 * A percentile of counted durations, as its bucket's upper bound, in milliseconds: never below the true one, and at most
 * `BUCKET_FACTOR` times it between the first and the last bucket. `null` when nothing was counted.
 * @param rank over 0 and at most 1.
 */
export function percentile(counts: ArrayLike<number>, rank: number): number | null {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i] ?? 0;
  if (total === 0) return null;
  const wanted = Math.ceil(total * rank);
  let seen = 0;
  for (let i = 0; i < counts.length; i++) {
    seen += counts[i] ?? 0;
    if (seen >= wanted) return bound(i);
  }
  return bound(counts.length - 1);
}
