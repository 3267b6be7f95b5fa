import { fitTrail } from "./fit.ts";
import { addCounts, countOf } from "./limits.ts";
import type { Hop, Trail } from "./types.ts";

/**
 * The trail that a service answers with: its own hop, then the trails of the calls that it made, in call order;
 * `undefined` stands for a call whose answer carried none. Equal neighbours become one entry with `n`, and the limits of
 * `formatTrail` hold: `cut` of the result counts the hops that were left out here and in the trails merged.
 */
export function mergeTrails(own: Hop, calls: readonly (Trail | undefined)[]): Trail {
  const hops: Hop[] = [own];
  let cut = 0;
  for (const call of calls) {
    if (call === undefined) continue;
    for (const hop of call.hops) hops.push(hop);
    cut = addCounts(cut, countOf(call.cut, 0));
  }
  return fitTrail({ hops, cut }).trail;
}
