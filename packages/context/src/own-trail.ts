import { formatTrail, type Hop, type HopNote, mergeTrails, type Trail } from "@perch/header";
import type { Identity } from "./identity.ts";
import type { CanaryContext } from "./storage.ts";

/** What one service sends of a trail, by what it depends on: nearly every answer has no call before it, or one. */
interface Told {
  /** Without calls, by note. */
  readonly alone: Map<HopNote | undefined, string>;
  /** After one call, by what that one reported. */
  readonly afterOne: WeakMap<Trail, string>;
}

const toldBy = new WeakMap<Identity, Told>();

/**
 * The trail to send now: this service, then what its calls reported. `undefined` if the request carried no selector,
 * which is when no trail is sent.
 */
export function ownTrail(identity: Identity, context: CanaryContext | undefined): string | undefined {
  if (context === undefined || context.selector.kind === "absent") return undefined;
  const { trails, complete } = context.calls.soFar();
  const note = context.selector.kind === "invalid" ? "invalid-selector" : complete ? undefined : "partial";
  const [first] = trails;
  if (first === undefined) return aloneOf(identity, note);
  if (trails.length > 1 || note !== undefined) return written(identity, note, trails);
  return afterOneOf(identity, first);
}

function aloneOf(identity: Identity, note: HopNote | undefined): string {
  const { alone } = toldOf(identity);
  const known = alone.get(note);
  if (known !== undefined) return known;
  const text = written(identity, note, []);
  alone.set(note, text);
  return text;
}

function afterOneOf(identity: Identity, call: Trail): string {
  const { afterOne } = toldOf(identity);
  const known = afterOne.get(call);
  if (known !== undefined) return known;
  const text = written(identity, undefined, [call]);
  afterOne.set(call, text);
  return text;
}

function toldOf(identity: Identity): Told {
  const known = toldBy.get(identity);
  if (known !== undefined) return known;
  const told: Told = { alone: new Map(), afterOne: new WeakMap() };
  toldBy.set(identity, told);
  return told;
}

function written(identity: Identity, note: HopNote | undefined, trails: readonly Trail[]): string {
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
