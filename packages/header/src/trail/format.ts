import { fitTrail, joinEntries } from "./fit.ts";
import type { Trail } from "./types.ts";

/**
 * The value of `X-Canary-Trail`: always a valid RFC 9651 field, or empty (then send no header) for a trail without hops.
 *
 * Equal neighbours are merged. What would go over 32 entries or 4 KiB is left out at the end and counted by a last entry
 * `"+";cut=N`. So that any name or revision gives a valid field, each is shown up to 128 characters, with "?" for what
 * is not printable ASCII (and for a service called "+"); a note that is none of `HopNote` is dropped, and a hop whose
 * `pr` is no PR number is left out and counted in `cut`.
 */
export function formatTrail(trail: Trail): string {
  return joinEntries(fitTrail(trail).entries);
}
