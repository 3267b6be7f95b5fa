/** Request header, and gRPC metadata key, that carries the selector. Lower case: HTTP/2 and gRPC allow nothing else. */
export const SELECTOR_HEADER = "x-canary";

/** Response header that repeats the selector that was acted on. */
export const ECHO_HEADER = "x-canary-echo";

/** Response header, and gRPC trailing metadata key, that names who served each hop. */
export const TRAIL_HEADER = "x-canary-trail";
