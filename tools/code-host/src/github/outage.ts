import { type Answer, problem } from "./answer.ts";
import { LIES, type Lie, lie } from "./lies.ts";

/** How GitHub fails: every request answered with that status, every answer late by so many milliseconds, or a lie. */
export type Outage =
  | { readonly kind: "status"; readonly status: 401 | 404 | 500 | 502 | 503 }
  | { readonly kind: "slow"; readonly milliseconds: number }
  | Lie;

/** What an API that is down, or lies, answers in the place of the truth. */
export function outageAnswer(outage: Outage | undefined, target: string, truth: Answer): Answer {
  if (outage === undefined || outage.kind === "slow") return truth;
  if (outage.kind !== "status") return lie(outage, target, truth);
  return problem(outage.status, outage.status === 404 ? "Not Found" : "Server Error");
}

/** Reads what the outage switch was given: undefined ends the outage. Throws a RangeError for anything unknown. */
export function parseOutage(value: unknown): Outage | undefined {
  if (value === null || value === undefined) return undefined;
  const outage = value as Outage;
  if (outage.kind === "status" && [401, 404, 500, 502, 503].includes(outage.status)) return outage;
  if (outage.kind === "slow" && outage.milliseconds > 0) return outage;
  if (LIES.some((kind) => kind === outage.kind)) return outage;
  throw new RangeError(
    `An outage is {kind: status, status: 401|404|500|502|503}, {kind: slow, milliseconds} or {kind: ${LIES.join("|")}}.`,
  );
}
