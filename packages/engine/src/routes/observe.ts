import type { Variant } from "@perch/core";

/**
 * Told of each request that a router answered or had answered, once the answer began.
 * @param milliseconds since the request was there. A stream may go on for hours; that says nothing of how fast a service is.
 * @param failed whether the server failed: HTTP 5xx, or a gRPC status of that meaning.
 */
export type Observe = (variant: Variant, milliseconds: number, failed: boolean) => void;
