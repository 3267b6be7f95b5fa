import type { Case, CaseRequest, Expectation } from "../case.ts";
import { MONOREPO, type World } from "../world.ts";

/** The hops of a request to api at the edge, and of the two calls that api makes. */
export function throughApi(api: string, store = "store", price = "price"): readonly string[] {
  return [api, store, price];
}

export const ALL_STABLE = throughApi("api");

/** Stable everywhere, no selector acted on. */
export const UNTAGGED: Expectation = { hops: ALL_STABLE };

/** Stable everywhere, and the first hop says why. */
export const INVALID: Expectation = { hops: ALL_STABLE, invalid: true };

/** A case of one `X-Canary` line at the edge. */
export function tagged(title: string, line: string, expect: Expectation, more: More = {}): Case {
  return requested(title, { lines: [line] }, expect, more);
}

export function requested(title: string, request: CaseRequest, expect: Expectation, more: More = {}): Case {
  return { title, world: MONOREPO, request, expect, ...more };
}

interface More {
  readonly world?: World;
  readonly deviates?: NonNullable<Case["deviates"]>;
}
