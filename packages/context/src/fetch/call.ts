import type { CallOutcome, EndCall } from "../calls.ts";
import { valueToSend } from "../outgoing.ts";
import { receivedTrail } from "../received-trail.ts";
import type { CanaryContext } from "../storage.ts";
import type { ServiceAt } from "./hosts.ts";

/** What one HTTP call carries, decided before it is made. */
export interface OutgoingCall {
  /** The selector to send; absent: send none, and remove the caller's own. */
  readonly value: string | undefined;
  /** Ends the call's entry in the trail; it does nothing where there is none. */
  readonly end: EndCall;
}

/** Answers that a proxy gives in place of a service that it cannot reach, or of a canary that is not ready. */
const FROM_PROXY: ReadonlySet<number> = new Set([502, 503, 504]);

/** Decides what a call to `url` carries, and takes its place in the trail. */
export function beginCall(
  url: URL,
  own: readonly string[],
  context: CanaryContext | undefined,
  serviceOf: ServiceAt,
): OutgoingCall {
  const service = serviceOf(url);
  const value = service === undefined ? undefined : valueToSend(context, own);
  const recorded = service !== undefined && context?.value !== undefined;
  return { value, end: recorded ? context.calls.begin(service) : () => {} };
}

/** How a call ended that was answered with this status and these lines of `X-Canary-Trail`. */
export function outcomeOf(status: number, trailLines: string | readonly string[] | undefined): CallOutcome {
  const trail = receivedTrail(trailLines);
  return trail === undefined && FROM_PROXY.has(status)
    ? { kind: "unreachable" }
    : { kind: "answered", trail };
}
