import type { PullRequestGate } from "./types.ts";

/** Label of a pull request that gets a canary of every service that it changes. */
const ALL = "canary";
/** With the name of a service: a canary of that service alone. */
const ONE = "canary/";

/** Whether a label asks for canaries, of whatever service. */
export function asksForCanaries(label: string): boolean {
  return label === ALL || label.startsWith(ONE);
}

/**
 * Those of the services that the labels admit. The labels of a draft, and of a pull request from a fork, count only where somebody
 * with write access vouches for them: its code runs here.
 */
export function admittedServices(gate: PullRequestGate, services: readonly string[]): string[] {
  const labels = needsVouching(gate) ? gate.vouched : gate.labels;
  return services.filter((name) => labels.includes(ALL) || labels.includes(ONE + name));
}

/** Whether it matters who set the labels. */
export function needsVouching({ isDraft, isFork }: Pick<PullRequestGate, "isDraft" | "isFork">): boolean {
  return isDraft || isFork;
}
