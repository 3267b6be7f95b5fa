import { type Answer, problem } from "./answer.ts";

/** How GitHub fails: every request answered with that status, or every answer late by so many milliseconds. */
export type Outage =
  | { readonly kind: "status"; readonly status: 404 | 500 | 502 | 503 }
  | { readonly kind: "slow"; readonly milliseconds: number };

/** The answer of an API that is down, or undefined if it still answers by itself. */
export function outageAnswer(outage: Outage | undefined): Answer | undefined {
  if (outage?.kind !== "status") return undefined;
  return problem(outage.status, outage.status === 404 ? "Not Found" : "Server Error");
}

/** Reads what the outage switch was given: undefined ends the outage. Throws a RangeError for anything unknown. */
export function parseOutage(value: unknown): Outage | undefined {
  if (value === null || value === undefined) return undefined;
  const outage = value as Outage;
  if (outage.kind === "status" && [404, 500, 502, 503].includes(outage.status)) return outage;
  if (outage.kind === "slow" && outage.milliseconds > 0) return outage;
  throw new RangeError("An outage is {kind: status, status: 404|500|502|503} or {kind: slow, milliseconds}.");
}
