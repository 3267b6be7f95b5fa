import { type Instance, newestUsable, runningByVariant } from "../instances.ts";
import { variantName } from "../naming.ts";
import { isRetryDue } from "./backoff.ts";
import type { DesiredVariant, Plan } from "./plan.ts";
import { crowdedOut, isIdle, type Usage } from "./usage.ts";

/** One step that brings what runs closer to the plan. */
export type Action =
  /** A revision that does not run yet: prepare, build and start it beside whatever serves. */
  | { readonly kind: "start"; readonly desired: DesiredVariant }
  /** Its start failed or it died, and its back-off is over. */
  | { readonly kind: "restart"; readonly instance: Instance }
  /** Nobody uses it, or others need its room: stop its process, keep its build. */
  | { readonly kind: "sleep"; readonly instance: Instance }
  /** A request waits for it: start its process again. */
  | { readonly kind: "wake"; readonly instance: Instance }
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
 * @param usage absent: nobody knows, and nothing sleeps.
 */
export function diff(plan: Plan, instances: readonly Instance[], now: number, usage?: Usage): Action[] {
  const running = runningByVariant(instances);
  const actions: Action[] = [];
  for (const desired of plan.variants) {
    const name = variantName(desired.variant);
    const ofVariant = running.get(name) ?? [];
    actions.push(...diffVariant(desired, ofVariant, now));
    if (usage !== undefined) actions.push(...rest(ofVariant, now, usage, actions));
    running.delete(name);
  }
  for (const leftover of running.values()) {
    // A source that has not answered yet has closed nothing.
    const closed = leftover.filter(({ repo }) => !plan.unseen.has(repo));
    actions.push(...closed.map((instance) => remove(instance, "closed")));
  }
  if (usage !== undefined) actions.push(...makeRoom(instances, usage, actions));
  return actions;
}

/** Who sleeps before its time, when what runs after this round is too much. */
function makeRoom(instances: readonly Instance[], usage: Usage, taken: readonly Action[]): Action[] {
  const stepOf = new Map(
    taken.map((action) => [action.kind === "start" ? undefined : action.instance, action.kind]),
  );
  const running = instances.filter((instance) => {
    const step = stepOf.get(instance);
    if (step === "remove" || step === "sleep") return false;
    return step === "wake" || instance.state === "starting" || instance.state === "ready";
  });
  return crowdedOut(running, usage).map((instance) => ({ kind: "sleep", instance }));
}

/** Who goes to sleep, and who is woken, of those that no other step is taken with. */
function rest(instances: readonly Instance[], now: number, usage: Usage, taken: readonly Action[]): Action[] {
  const free = instances.filter(
    (instance) => !taken.some((action) => action.kind !== "start" && action.instance === instance),
  );
  return free.flatMap((instance): Action[] => {
    if (isIdle(instance, now, usage)) return [{ kind: "sleep", instance }];
    const isWanted = usage.awaited.has(variantName(instance.variant));
    return instance.state === "sleeping" && isWanted ? [{ kind: "wake", instance }] : [];
  });
}

function diffVariant(desired: DesiredVariant, instances: readonly Instance[], now: number): Action[] {
  const wanted = instances.find((instance) => instance.commit === desired.commit);
  const others = instances.filter((instance) => instance !== wanted);
  if (wanted?.state === "ready" || wanted?.state === "sleeping")
    return others.map((instance) => remove(instance, "superseded"));
  const serving = newestUsable(others);
  const actions = others
    .filter((instance) => instance !== serving)
    .map((instance) => remove(instance, "superseded"));
  if (wanted === undefined) return [...actions, { kind: "start", desired }];
  if (wanted.state === "failed" && isRetryDue(wanted.retryAt, now)) {
    return [...actions, { kind: "restart", instance: wanted }];
  }
  return actions;
}

function remove(instance: Instance, reason: RemoveReason): Action {
  return { kind: "remove", instance, reason };
}
