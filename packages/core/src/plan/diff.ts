import { type Instance, newestReady, runningByVariant } from "../instances.ts";
import { variantName } from "../naming.ts";
import type { DesiredVariant, Plan } from "./plan.ts";

/** One step that brings what runs closer to the plan. */
export type Action =
  /** A revision that does not run yet: prepare, build and start it beside whatever serves. */
  | { readonly kind: "start"; readonly desired: DesiredVariant }
  /** Its start failed or it died, and its back-off is over. */
  | { readonly kind: "restart"; readonly instance: Instance }
  /** Drain, stop, and remove its worktree and log. */
  | { readonly kind: "remove"; readonly instance: Instance; readonly reason: RemoveReason };

export type RemoveReason =
  /** No open pull request or service wants this variant any more. */
  | "closed"
  /** Another revision of the same variant serves, or is wanted instead. */
  | "superseded";

/**
 * The steps from what runs to what should run. Level-triggered: it sees states, not events, so that a missed event
 * costs one round. An instance that is on its way out is never counted as running.
 * @param now epoch milliseconds.
 */
export function diff(plan: Plan, instances: readonly Instance[], now: number): Action[] {
  const running = runningByVariant(instances);
  const actions: Action[] = [];
  for (const desired of plan.variants) {
    const name = variantName(desired.variant);
    actions.push(...diffVariant(desired, running.get(name) ?? [], now));
    running.delete(name);
  }
  for (const leftover of running.values()) {
    actions.push(...leftover.map((instance) => remove(instance, "closed")));
  }
  return actions;
}

function diffVariant(desired: DesiredVariant, instances: readonly Instance[], now: number): Action[] {
  const wanted = instances.find((instance) => instance.commit === desired.commit);
  const others = instances.filter((instance) => instance !== wanted);
  if (wanted?.state === "ready") return others.map((instance) => remove(instance, "superseded"));
  const serving = newestReady(others);
  const actions = others
    .filter((instance) => instance !== serving)
    .map((instance) => remove(instance, "superseded"));
  if (wanted === undefined) return [...actions, { kind: "start", desired }];
  if (wanted.state === "failed" && wanted.retryAt !== undefined && wanted.retryAt <= now) {
    return [...actions, { kind: "restart", instance: wanted }];
  }
  return actions;
}

function remove(instance: Instance, reason: RemoveReason): Action {
  return { kind: "remove", instance, reason };
}
