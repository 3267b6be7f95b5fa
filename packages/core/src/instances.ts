import type { PerchErrorData } from "./errors.ts";
import { variantName } from "./naming.ts";

/** Stable, or one canary, of a service. `pr` is absent for stable. */
export interface Variant {
  readonly service: string;
  readonly pr?: number;
}

/**
 * Where an instance is on its way. `queued` to `starting` lead to `ready`; `sleeping` has no process until the next
 * request; `draining` and `stopping` lead out; `failed` waits for `retryAt`, or for another revision.
 */
export type InstanceState =
  | "queued"
  | "preparing"
  | "installing"
  | "building"
  | "starting"
  | "ready"
  | "sleeping"
  | "draining"
  | "stopping"
  | "failed";

/** One revision of one variant on this machine: its worktree, its process group and its log. */
export interface Instance {
  /** Unique among all instances alive; also the name of its folder. */
  readonly id: string;
  readonly variant: Variant;
  readonly repo: string;
  /** Full commit hash. */
  readonly commit: string;
  /** 12 hex digits of the commit. */
  readonly revision: string;
  readonly state: InstanceState;
  /** Epoch milliseconds of the last change of `state`. */
  readonly since: number;
  /** `host:port` where its process listens, once it is known. */
  readonly address?: string;
  /** It was asleep and is started again for requests that wait for it. */
  readonly waking?: true;
  /** Process group, while there is one. */
  readonly pid?: number;
  /** How often it was started again since it was last ready for a while. */
  readonly restarts: number;
  /** Epoch milliseconds; a failed instance is started again then. */
  readonly retryAt?: number;
  readonly failure?: InstanceFailure;
}

/** Why an instance is not running, for a person. */
export interface InstanceFailure extends PerchErrorData {
  /** Epoch milliseconds. */
  readonly at: number;
  /** The last lines of its log, oldest first. */
  readonly logTail: readonly string[];
}

/** The newest instance that could serve while another revision is on its way: one that is ready, else one that sleeps. */
export function newestUsable(instances: readonly Instance[]): Instance | undefined {
  return newestReady(instances) ?? instances.find(isAsleep);
}

/** It sleeps, or wakes: a request for it waits. */
export function isAsleep({ state, waking }: Instance): boolean {
  return state === "sleeping" || waking === true;
}

/** Starts in a row that are waited for: what dies more often than that has a reason of its own. */
const MOST_RETURNS = 3;

/** It served, died, and is started again within a moment: a request for it waits. */
export function isReturning({ failure, restarts }: Instance): boolean {
  return failure?.code === "EXITED" && restarts < MOST_RETURNS;
}

/** The instance that serves while a newer revision is on its way. */
export function newestReady(instances: readonly Instance[]): Instance | undefined {
  return instances
    .filter((instance) => instance.state === "ready")
    .reduce<Instance | undefined>(
      (newest, instance) => (newest !== undefined && newest.since >= instance.since ? newest : instance),
      undefined,
    );
}

/** On its way out: it takes no new request and does not count as running. */
export function isLeaving(instance: Instance): boolean {
  return instance.state === "draining" || instance.state === "stopping";
}

/** Instances by the name of their variant, without those on their way out. */
export function runningByVariant(instances: readonly Instance[]): Map<string, Instance[]> {
  const running = instances.filter((instance) => !isLeaving(instance));
  return Map.groupBy(running, (instance) => variantName(instance.variant));
}
