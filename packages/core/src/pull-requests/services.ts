import type { Config } from "../config/types.ts";
import { affectedServices } from "./affected.ts";
import { admittedServices, asksForCanaries } from "./gate.ts";
import type { PullRequest, PullRequestGate } from "./types.ts";

/** What a pull request gets, and if that is nothing, why. */
export interface CanaryServices {
  /** In the order of the config. */
  readonly services: readonly string[];
  /** For a person; absent where it gets a canary. */
  readonly skipped?: string;
}

/** The services that get a canary of this pull request: those with a changed path that its labels admit. */
export function canaryServices(config: Config, pullRequest: PullRequest): CanaryServices {
  const { gate } = pullRequest;
  if (gate !== undefined && !gate.labels.some(asksForCanaries)) return nothing("It has no label canary.");
  const affected = affectedServices(config, pullRequest);
  if (affected.length === 0) return nothing("It changes no path of a service in perch.yaml.");
  if (gate === undefined) return { services: affected };
  const admitted = admittedServices(gate, affected);
  return admitted.length > 0 ? { services: admitted } : nothing(refusal(gate, affected));
}

function refusal(gate: PullRequestGate, affected: readonly string[]): string {
  const asAnybody = { ...gate, isDraft: false, isFork: false };
  if (admittedServices(asAnybody, affected).length === 0)
    return `It changes ${affected.join(", ")}, and its labels name none of that.`;
  return gate.isFork
    ? "It comes from a fork: somebody with write access has to set the label, anew after each push."
    : "It is a draft: somebody with write access has to set the label.";
}

function nothing(skipped: string): CanaryServices {
  return { services: [], skipped };
}
