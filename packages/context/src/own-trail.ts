import { formatTrail, type Hop, type HopNote, mergeTrails } from "@perch/header";
import type { Identity } from "./identity.ts";
import type { CanaryContext } from "./storage.ts";

/**
 * The trail to send now: this service, then what its calls reported. `undefined` if the request carried no selector,
 * which is when no trail is sent.
 */
export function ownTrail(identity: Identity, context: CanaryContext | undefined): string | undefined {
  if (context === undefined || context.selector.kind === "absent") return undefined;
  const { trails, complete } = context.calls.soFar();
  const note = context.selector.kind === "invalid" ? "invalid-selector" : complete ? undefined : "partial";
  return formatTrail(mergeTrails(ownHop(identity, note), trails));
}

function ownHop({ service, pr, revision }: Identity, note: HopNote | undefined): Hop {
  return {
    service,
    ...(pr === undefined ? {} : { pr }),
    ...(revision === undefined ? {} : { rev: revision }),
    ...(note === undefined ? {} : { note }),
  };
}
