import type { LimitFunction } from "p-limit";

/**
 * Runs a task when a slot is free. An abort ends the waiting at once, so that what is closed in the queue is gone without
 * waiting for the builds of others; a task that has begun is waited for, and has to look at the signal itself.
 */
export function inTurn(slots: LimitFunction, signal: AbortSignal, task: () => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let begun = false;
  const whenFree = async () => {
    if (signal.aborted) return;
    begun = true;
    await task();
  };
  const leaveQueue = () => {
    if (!begun) reject(signal.reason);
  };
  signal.addEventListener("abort", leaveQueue, { once: true });
  slots(whenFree).then(resolve, reject);
  return promise.finally(() => signal.removeEventListener("abort", leaveQueue));
}
