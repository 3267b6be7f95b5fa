import { type Deadline, status } from "@grpc/grpc-js";
import { StatusError } from "./status-error.ts";

/** What of a grpc-js call says how long anybody waits for it. */
export interface WaitedForCall {
  readonly cancelled: boolean;
  getDeadline(): Deadline;
  once(event: "cancelled", listener: () => void): unknown;
}

/** The longest delay that a timer takes, in milliseconds; a deadline beyond it is as good as none. */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * Aborts when the client went away or the deadline passed, so that no work is done that nobody waits for. Its reason is
 * the StatusError that belongs to that. Dispose of it when the call is answered.
 */
export function callSignal(call: WaitedForCall): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const cancel = () => controller.abort(new StatusError(status.CANCELLED, "The client cancelled the call."));
  call.once("cancelled", cancel);
  if (call.cancelled) cancel();

  const left = Number(call.getDeadline()) - Date.now();
  const expire = () =>
    controller.abort(
      new StatusError(status.DEADLINE_EXCEEDED, "The deadline passed before the store was done."),
    );
  const timer = left <= LONGEST_DELAY ? setTimeout(expire, Math.max(left, 0)) : undefined;
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
