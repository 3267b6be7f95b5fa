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

/** The upper bounds of all buckets but the last. */
export const BOUNDS: readonly number[] = Array.from({ length: BUCKETS - 1 }, (_, bucket) => bound(bucket));
