import type { Fault, PerchErrorData } from "../../errors.ts";
import type { InstanceFailure, Variant } from "../../instances.ts";

/** A variant, and where its objects are. */
export interface Place {
  readonly variant: Variant;
  /** `api-canary-pr-7` or `apps/api`: what a person calls it. */
  readonly title: string;
  readonly namespace: string;
}

/** Messages of controllers may hold whole manifests; the beginning, or what follows the last cause, is enough at a glance. */
const LONGEST = 600;

/** One line of what a controller said. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)} …`;
}

/** A cause of a variant, as the status has it. What a pull request brings along, its author can mend. */
export function cause(
  { variant }: Place,
  at: number,
  data: Pick<PerchErrorData, "code" | "message" | "hint"> & {
    readonly fault?: Fault;
    readonly logTail?: readonly string[];
  },
): InstanceFailure {
  const fault = data.fault ?? (variant.pr === undefined ? "user" : "pull-request");
  return { code: data.code, message: data.message, hint: data.hint, fault, at, logTail: data.logTail ?? [] };
}
