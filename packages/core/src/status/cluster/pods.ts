import type { InstanceFailure } from "../../instances.ts";
import { cause, oneLine, type Place } from "./cause.ts";
import {
  type Container,
  type ContainerStatus,
  condition,
  epoch,
  type Pod,
  type Probe,
  type Terminated,
} from "./objects.ts";

const PULL_FAILED: ReadonlySet<string> = new Set([
  "ImagePullBackOff",
  "ErrImagePull",
  "InvalidImageName",
  "ErrImageNeverPull",
]);
/** What a container waits for in the ordinary course of a start. */
const ORDINARY: ReadonlySet<string> = new Set(["ContainerCreating", "PodInitializing", "CrashLoopBackOff"]);
/** Lines of what a process said last. */
const TAIL = 20;

/** What a pod lacks, or why it does not stay; `undefined`: it runs, or is on its way. */
export function podFailure(pod: Pod, place: Place): InstanceFailure | undefined {
  const { status } = pod;
  const scheduled = condition(status?.conditions, "PodScheduled", "False");
  if (scheduled?.reason === "Unschedulable")
    return unschedulable(scheduled.message, epoch(scheduled.lastTransitionTime), place);
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const container of containers) {
    const failure = containerFailure(container, pod, place);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function unschedulable(message = "no message", at: number, place: Place): InstanceFailure {
  return cause(place, at, {
    code: "START_FAILED",
    message: `No node takes a pod of ${place.title}: ${oneLine(message)}`,
    hint: "Ask for less in the base, or give the cluster room: `kubectl describe nodes`.",
    fault: "environment",
  });
}

function containerFailure(container: ContainerStatus, pod: Pod, place: Place): InstanceFailure | undefined {
  const { name, state, lastState, ready, restartCount = 0 } = container;
  const waiting = state?.waiting?.reason;
  const since = epoch(pod.metadata.creationTimestamp);
  if (waiting !== undefined && PULL_FAILED.has(waiting))
    return notPulled(
      imageOf(name, pod) ?? container.image ?? "?",
      state?.waiting?.message ?? waiting,
      since,
      place,
    );
  if (waiting !== undefined && !ORDINARY.has(waiting))
    return notStarted(name, `${waiting}: ${state?.waiting?.message ?? ""}`, since, place);
  const ended = state?.terminated ?? (ready === true ? undefined : lastState?.terminated);
  if (ended === undefined || (ended.exitCode === 0 && restartCount === 0)) return undefined;
  // An init container that is done, and one that served until now, are told by `ready`.
  if (ready === true) return undefined;
  return exited(ended, { name, restartCount, limit: memoryOf(name, pod) }, place, pod);
}

function notPulled(image: string, message: string, at: number, place: Place): InstanceFailure {
  const { variant } = place;
  return cause(place, at, {
    code: "IMAGE_PULL_FAILED",
    message: `The image ${oneLine(image)} of ${place.title} cannot be pulled: ${oneLine(message)}`,
    hint:
      variant.pr === undefined
        ? "Promote an image that the registry has: `perch promote`; `perch rollback` goes back."
        : "Its build may still run, or have failed: look at the pull request's checks. Once it is there, `perch ci refresh --restart` pulls at once; by itself that takes up to 5 minutes.",
  });
}

function notStarted(container: string, message: string, at: number, place: Place): InstanceFailure {
  return cause(place, at, {
    code: "START_FAILED",
    message: `Container ${container} of ${place.title} cannot start: ${oneLine(message)}`,
    hint: /secret|configmap/i.test(message)
      ? `An ExternalSecret makes its Secret: \`kubectl -n ${place.namespace} get externalsecrets,secrets\`.`
      : `\`kubectl -n ${place.namespace} describe pods\` has more.`,
  });
}

interface Ended {
  readonly name: string;
  readonly restartCount: number;
  readonly limit: string | undefined;
}

function exited(
  { exitCode, signal, reason, message = "", finishedAt }: Terminated,
  { name, restartCount, limit }: Ended,
  place: Place,
  pod: Pod,
): InstanceFailure {
  const times = restartCount === 0 ? "" : `, and was started again ${restartCount}×`;
  const isOutOfMemory = reason === "OOMKilled";
  const how = isOutOfMemory
    ? `was ended because it used more memory than its limit${limit === undefined ? "" : ` of ${limit}`} (OOMKilled)`
    : `ended with ${signal ? `signal ${signal}` : `exit code ${exitCode ?? "unknown"}`}`;
  const log = `kubectl -n ${place.namespace} logs ${pod.metadata.name} -c ${name} --previous`;
  return cause(place, epoch(finishedAt), {
    code: "EXITED",
    message: `Container ${name} of ${place.title} ${how}${times}.`,
    hint: isOutOfMemory
      ? `Let it use less, or raise its limit in the base. What it said last: \`${log}\`.`
      : `What it said last: \`${log}\`.`,
    logTail: message
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(-TAIL),
  });
}

/** The spec has the image as it was asked for; a status may have another name of the same. */
function imageOf(name: string, pod: Pod): string | undefined {
  return containerOf(name, pod)?.image;
}

function memoryOf(name: string, pod: Pod): string | undefined {
  return containerOf(name, pod)?.resources?.limits?.memory;
}

function containerOf(name: string, { spec }: Pod): Container | undefined {
  return spec?.containers?.find((one) => one.name === name);
}

/** All its containers run, ready or not. */
export function isUp({ status }: Pod): boolean {
  const containers = status?.containerStatuses ?? [];
  return containers.length > 0 && containers.every(({ state }) => state?.running !== undefined);
}

/** Which of a pod's containers is not ready, and what is asked of it: `api: GET /readyz on port http`. */
export function unreadyContainers({ spec, status }: Pod): string {
  const unready = (status?.containerStatuses ?? []).filter(({ ready }) => ready !== true);
  return unready
    .map(({ name }) => {
      const probe = spec?.containers?.find((one) => one.name === name)?.readinessProbe;
      return probe === undefined ? name : `${name} (${probeText(probe)})`;
    })
    .join(", ");
}

function probeText({ httpGet, grpc, tcpSocket }: Probe): string {
  if (httpGet !== undefined) return `GET ${httpGet.path ?? "/"} on port ${httpGet.port}`;
  if (grpc !== undefined) return `gRPC health on port ${grpc.port}`;
  return tcpSocket === undefined ? "a command" : `TCP on port ${tcpSocket.port}`;
}
