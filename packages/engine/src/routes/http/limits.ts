/** Bytes of a request's headers. */
export const MAX_HEADER_SIZE = 32 * 1024;

/** Milliseconds that an idle client connection is kept; longer than usual clients keep theirs, so that they close first. */
export const KEEP_ALIVE = 75_000;
