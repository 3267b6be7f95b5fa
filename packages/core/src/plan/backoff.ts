import type { ErrorCode } from "../errors.ts";

/** How long a failure waits before it is tried again: first pause and longest pause, milliseconds. */
interface Backoff {
  readonly first: number;
  readonly longest: number;
}

/** A process that dies is back in half a second; one that dies at once, again and again, costs one start a minute. */
const RUN: Backoff = { first: 500, longest: 60_000 };

/** An install or a build fails for a reason of its own, or for the network's; the log should be readable meanwhile. */
const BUILD: Backoff = { first: 15_000, longest: 600_000 };

/** Whether a failed instance is started again. One that would wait longer than any does was told by a clock that went back since. */
export function isRetryDue(retryAt: number | undefined, now: number): boolean {
  return retryAt !== undefined && (retryAt <= now || retryAt - now > BUILD.longest);
}

const BUILD_CODES: ReadonlySet<ErrorCode> = new Set(["CHECKOUT_FAILED", "INSTALL_FAILED", "BUILD_FAILED"]);

/**
 * Milliseconds until a failed instance is started again: doubling, and bounded.
 * @param restarts how often it was started again already since it was last ready for a while.
 */
export function retryDelay(code: ErrorCode, restarts: number): number {
  const { first, longest } = BUILD_CODES.has(code) ? BUILD : RUN;
  return Math.min(first * 2 ** Math.min(restarts, 30), longest);
}
