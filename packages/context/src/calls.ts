import { mergeTrails, type Trail } from "@perch/header";

/** How an outgoing call ended, as far as the trail is concerned. */
export type CallOutcome =
  /** The service answered; it sent no trail if it does not use this library. */
  | { readonly kind: "answered"; readonly trail: Trail | undefined }
  /** No answer: nothing listens, a deadline passed first, a proxy refused. */
  | { readonly kind: "unreachable" }
  /** An answer began and was cut before it could name who gave it. */
  | { readonly kind: "cut" };

/** Ends one call. Only the first outcome counts. */
export type EndCall = (outcome: CallOutcome) => void;

/** What is known of the calls of one request at one moment. */
export interface CallsSoFar {
  /** The trails of the calls that ended, in the order in which the calls were started. */
  readonly trails: readonly Trail[];
  /** Whether every call ended and named itself, so that `trails` leaves nothing out. */
  readonly complete: boolean;
}

interface Slot {
  trail: Trail | undefined;
  ended: boolean;
}

/** Ended calls kept apart before neighbours are joined: a request that makes calls for days must not grow. */
const COMPACT_AFTER = 64;

/** Records the outgoing calls of one request in the order in which they were started. */
export class CallRecorder {
  #slots: Slot[] = [];
  #pending = 0;
  #cut = false;
  #compactAt = COMPACT_AFTER;

  /** Takes the next place in the trail for a call to `service`, whenever that call ends. */
  begin(service: string): EndCall {
    if (this.#slots.length >= this.#compactAt) this.#compact();
    const slot: Slot = { trail: undefined, ended: false };
    this.#slots.push(slot);
    this.#pending += 1;
    return (outcome) => {
      if (slot.ended) return;
      slot.ended = true;
      this.#pending -= 1;
      if (outcome.kind === "cut") this.#cut = true;
      else if (outcome.kind === "answered") slot.trail = outcome.trail;
      else slot.trail = { hops: [{ service, note: "unreachable" }] };
    };
  }

  /** The trails so far, for a response whose headers or trailers are sent now. */
  soFar(): CallsSoFar {
    const trails: Trail[] = [];
    for (const { trail } of this.#slots) if (trail !== undefined) trails.push(trail);
    return { trails, complete: this.#pending === 0 && !this.#cut };
  }

  /** Joins ended neighbours into one slot; the limit doubles with what cannot be joined, so the cost stays linear. */
  #compact(): void {
    const kept: Slot[] = [];
    for (const slot of this.#slots) {
      const last = kept.at(-1);
      if (slot.ended && last?.ended) last.trail = joinTrails(last.trail, slot.trail);
      else kept.push(slot);
    }
    this.#slots = kept;
    this.#compactAt = kept.length * 2 + COMPACT_AFTER;
  }
}

/** Two trails in a row as one: equal neighbours counted, and no longer than a trail can be. */
function joinTrails(first: Trail | undefined, second: Trail | undefined): Trail | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const [head, ...hops] = first.hops;
  if (head === undefined) return second;
  return mergeTrails(head, [{ ...first, hops }, second]);
}
