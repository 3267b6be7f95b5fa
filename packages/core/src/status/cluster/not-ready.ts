import type { InstanceFailure } from "../../instances.ts";
import { cause, oneLine, type Place } from "./cause.ts";
import type { Workload } from "./generations.ts";
import {
  type ClusterEvent,
  condition,
  type Deployment,
  epoch,
  type Pod,
  type ReplicaSet,
} from "./objects.ts";
import { isUp, podFailure, unreadyContainers } from "./pods.ts";

/** Why no pod of a generation is ready; `undefined`: it is on its way. */
export function whyNotReady(
  owner: ReplicaSet | Deployment,
  pods: readonly Pod[],
  workload: Workload,
  place: Place,
): InstanceFailure | undefined {
  const { deployment } = workload;
  if (deployment.spec?.replicas === 0) return scaledDown(epoch(deployment.metadata.creationTimestamp), place);
  for (const pod of pods) {
    const failure = podFailure(pod, place);
    if (failure !== undefined) return failure;
  }
  const refused = condition(owner.status?.conditions, "ReplicaFailure");
  if (refused !== undefined && pods.length === 0)
    return refusedPods(
      lastRefusal(owner.metadata.uid, workload.events) ?? refused.message,
      epoch(refused.lastTransitionTime),
      place,
    );
  return slow(pods, workload, place);
}

/** A condition keeps the message of the first refusal, of a ServiceAccount that came a moment later perhaps; events have the last. */
function lastRefusal(uid: string | undefined, events: readonly ClusterEvent[] = []): string | undefined {
  const time = (event: ClusterEvent) => epoch(event.lastTimestamp ?? event.eventTime ?? undefined);
  return events
    .filter(({ involvedObject }) => involvedObject.uid === uid)
    .toSorted((a, b) => time(b) - time(a))[0]?.message;
}

function scaledDown(at: number, place: Place): InstanceFailure {
  return cause(place, at, {
    code: "START_FAILED",
    message: `The Deployment of ${place.title} has 0 replicas.`,
    hint: `Let the HPA have it again: \`kubectl -n ${place.namespace} scale deployment ${place.variant.service} --replicas=1\`.`,
    fault: "user",
  });
}

/** What the API server said when the ReplicaSet wanted to make a pod: nothing else does. */
function refusedPods(message = "no message", at: number, place: Place): InstanceFailure {
  const isMissing = /serviceaccount "[^"]*" not found/.test(message);
  return cause(place, at, {
    code: "PODS_REFUSED",
    message: `The cluster refuses pods of ${place.title}: ${oneLine(message)}`,
    hint: refusedHint(message, place),
    ...(isMissing ? { fault: "environment" } : {}),
  });
}

function refusedHint(message: string, { variant, title, namespace }: Place): string {
  if (message.includes("violates PodSecurity"))
    return "Pod Security of the namespace forbids what the message names: take it out of the base, and push.";
  if (message.includes("exceeded quota") || message.includes("failed quota"))
    return "Ask for less in the base, or raise canary.quota in perch.yaml and render.";
  if (/serviceaccount "[^"]*" not found/.test(message))
    return `The platform part makes it: \`kubectl -n argocd describe application ${variant.pr === undefined ? title : `${title}-platform`}\`.`;
  if (message.includes("ValidatingAdmissionPolicy"))
    return "An admission policy of manifests/platform/perch refuses it: take what the message names out of the base, and push.";
  return `\`kubectl -n ${namespace} describe replicasets\` has more.`;
}

/** It runs, and does not say that it is ready: for longer than a start may take. */
function slow(
  pods: readonly Pod[],
  { deployment, readyTimeout, now }: Workload,
  place: Place,
): InstanceFailure | undefined {
  const late = condition(deployment.status?.conditions, "Progressing", "False");
  const waiting = pods.find((pod) => isUp(pod) && now - startedAt(pod) > readyTimeout);
  if (waiting === undefined && late === undefined) return undefined;
  const unready = waiting === undefined ? "" : unreadyContainers(waiting);
  const what =
    unready === ""
      ? oneLine(late?.message ?? "the start takes too long")
      : `its readiness probe does not succeed: ${unready}`;
  return cause(place, waiting === undefined ? epoch(late?.lastTransitionTime) : startedAt(waiting), {
    code: "START_TIMEOUT",
    message: `${place.title} does not get ready${late?.reason === undefined ? "" : ` (${late.reason})`}: ${what}.`,
    hint: `What it says: \`kubectl -n ${place.namespace} logs deployment/${place.variant.service}\`; what the probe got: \`kubectl -n ${place.namespace} describe pods\`.`,
  });
}

function startedAt({ status }: Pod): number {
  return epoch(...(status?.containerStatuses ?? []).map(({ state }) => state?.running?.startedAt));
}
