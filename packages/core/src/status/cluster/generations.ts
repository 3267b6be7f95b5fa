import type { InstanceFailure, InstanceState } from "../../instances.ts";
import type { Place } from "./cause.ts";
import { whyNotReady } from "./not-ready.ts";
import {
  type ClusterEvent,
  condition,
  type Deployment,
  epoch,
  type Pod,
  type PodTemplate,
  type ReplicaSet,
} from "./objects.ts";
import { isUp } from "./pods.ts";
import { imageRevision } from "./revision.ts";

/** One pod template of a Deployment, and how far its pods are. */
export interface Generation {
  readonly revision: string;
  readonly state: InstanceState;
  readonly since: number;
  readonly restarts: number;
  /** Why it does not serve. */
  readonly failure?: InstanceFailure;
}

/** What is known of one workload; an undefined list could not be read. */
export interface Workload {
  readonly deployment: Deployment;
  readonly replicaSets: readonly ReplicaSet[] | undefined;
  readonly pods: readonly Pod[] | undefined;
  /** Of pods that could not be made. */
  readonly events: readonly ClusterEvent[] | undefined;
  /** Milliseconds from start to ready before the start counts as failed. */
  readonly readyTimeout: number;
  readonly now: number;
}

/** The generations of a Deployment, newest first. Without its ReplicaSets there is the Deployment's own word. */
export function generations(workload: Workload, place: Place): [Generation, ...Generation[]] {
  const { deployment, replicaSets, pods } = workload;
  const owned = ownedBy(deployment.metadata.uid, replicaSets).toSorted((a, b) => number(b) - number(a));
  const [newest, ...older] = owned.map((one) => ({ set: one, pods: ownedBy(one.metadata.uid, pods) }));
  if (newest === undefined) return [generation(deployment, [], workload, place)];
  return [
    generation(newest.set, newest.pods, workload, place),
    ...older.map((one) => generation(one.set, one.pods, workload, place)),
  ];
}

function ownedBy<T extends ReplicaSet | Pod>(uid: string | undefined, all: readonly T[] = []): T[] {
  return all.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) === true);
}

/** Counts the rolls of a Deployment; going back makes an old ReplicaSet the newest. */
function number({ metadata }: ReplicaSet): number {
  return Number(metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
}

function generation(
  owner: ReplicaSet | Deployment,
  pods: readonly Pod[],
  workload: Workload,
  place: Place,
): Generation {
  const revision = templateRevision(owner.spec?.template, place);
  const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const restarts = living
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  const created = epoch(owner.metadata.creationTimestamp);
  if ((owner.status?.readyReplicas ?? 0) > 0)
    return { revision, state: "ready", since: readySince(living) || created, restarts };
  const failure = whyNotReady(owner, living, workload, place);
  if (failure === undefined) return { revision, state: "starting", since: created, restarts };
  // It was started again and may come up this time.
  const isRunning = failure.code === "EXITED" && living.some(isUp);
  return { revision, state: isRunning ? "starting" : "failed", since: failure.at, restarts, failure };
}

/** Since when the first of them serves. */
function readySince(pods: readonly Pod[]): number {
  const times = pods
    .map(({ status }) => epoch(condition(status?.conditions, "Ready")?.lastTransitionTime))
    .filter((time) => time > 0);
  return times.length === 0 ? 0 : Math.min(...times);
}

function templateRevision(template: PodTemplate | undefined, { variant }: Place): string {
  const containers = template?.spec?.containers ?? [];
  return imageRevision((containers.find(({ name }) => name === variant.service) ?? containers[0])?.image);
}
