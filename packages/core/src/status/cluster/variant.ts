import type { ServiceConfig } from "../../config/types.ts";
import type { InstanceFailure } from "../../instances.ts";
import type { VariantStatus } from "../types.ts";
import { type ApplicationView, applicationView } from "./application.ts";
import { cause, type Place } from "./cause.ts";
import { type Generation, generations } from "./generations.ts";
import type { Application, ClusterEvent, Deployment, EndpointSlice, Pod, ReplicaSet } from "./objects.ts";
import { imageRevision } from "./revision.ts";
import { withoutDeployment } from "./without-deployment.ts";

/** Everything of one variant that a cluster has; an undefined list could not be read. */
export interface VariantObjects {
  /** Undefined: there is none. */
  readonly application: Application | undefined;
  /** Whether Applications could be read at all. */
  readonly isArgocdRead: boolean;
  /** A canary's routes and Namespace. */
  readonly platform: Application | undefined;
  readonly deployments: readonly Deployment[] | undefined;
  readonly replicaSets: readonly ReplicaSet[] | undefined;
  readonly pods: readonly Pod[] | undefined;
  /** Of pods that could not be made. */
  readonly events: readonly ClusterEvent[] | undefined;
  /** Of the Service that routes point at. */
  readonly endpointSlices: readonly EndpointSlice[] | undefined;
}

/** Which variant it is of, and when one looks. */
export interface Subject {
  readonly service: ServiceConfig;
  readonly place: Place;
  readonly now: number;
}

/** What a status says of a variant beside who it is and how requests get there. */
export type Shown = Pick<VariantStatus, "state" | "since" | "revision" | "restarts" | "next" | "failure">;

/** Milliseconds within which endpoints follow pods. */
const MOMENT = 10_000;
/** Milliseconds, for a service of which `perch.yaml` does not say how long a start may take. */
const READY_TIMEOUT = 60_000;

/** A variant as the local engine would tell it. */
export function clusterVariant(objects: VariantObjects, subject: Subject): VariantStatus {
  const { service, place, now } = subject;
  const { application, deployments, replicaSets, pods, events } = objects;
  const view = application === undefined ? undefined : applicationView(application, place);
  const deployment = deployments?.find(({ metadata }) => metadata.name === service.name);
  const wanted = imageRevision(application?.spec?.source?.kustomize?.images?.[0]);
  if (deployment === undefined)
    return reachable({ ...withoutDeployment(objects, view, subject), revision: wanted }, objects, subject);
  const readyTimeout = service.local?.readyTimeout ?? READY_TIMEOUT;
  const all = generations({ deployment, replicaSets, pods, events, readyTimeout, now }, place);
  return reachable(withDeployment(all, view, wanted), objects, subject);
}

function withDeployment(
  [current, ...older]: [Generation, ...Generation[]],
  application: ApplicationView | undefined,
  wantedRevision: string,
): Shown {
  const isWanted = wantedRevision === "" || current.revision === wantedRevision;
  const wanted = isWanted ? current : notApplied(application, wantedRevision);
  const failure = application?.failure ?? wanted.failure;
  const serving = [current, ...older].find(({ state }) => state === "ready");
  const { state, since, revision, restarts } = serving ?? wanted;
  const isLeaving = application?.state === "stopping";
  return {
    state: isLeaving ? "stopping" : state,
    since: isLeaving ? application.since : since,
    revision,
    restarts,
    ...(serving === undefined || serving === wanted || isLeaving
      ? {}
      : { next: { revision: wanted.revision, state: wanted.state, since: wanted.since } }),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** The revision that its Application names and the Deployment has not got yet. */
function notApplied(application: ApplicationView | undefined, revision: string): Generation {
  const { state = "queued", since = 0, failure } = application ?? {};
  const reached = state === "failed" || state === "preparing" ? state : "queued";
  return { revision, state: reached, since, restarts: 0, ...(failure === undefined ? {} : { failure }) };
}

/** What lies between pods that are ready and a request: its routes, and the endpoints of its Service. */
function reachable(
  status: Shown,
  { platform, endpointSlices }: VariantObjects,
  { place, now }: Subject,
): VariantStatus {
  const variant = { ...place.variant, ...status };
  if (status.failure !== undefined) return variant;
  const routes = platform === undefined ? undefined : applicationView(platform, place);
  if (routes?.failure !== undefined) return { ...variant, failure: routes.failure };
  if (status.state !== "ready" || endpointSlices === undefined || now - status.since < MOMENT) return variant;
  const isReachable = endpointSlices.some(({ endpoints }) =>
    (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false),
  );
  return isReachable ? variant : { ...variant, state: "failed", failure: unreachable(place, status.since) };
}

function unreachable(place: Place, at: number): InstanceFailure {
  const { title, namespace } = place;
  return cause(place, at, {
    code: "NO_ENDPOINTS",
    message: `Pods of ${title} are ready, and no request reaches them: the Service that its routes point at has no endpoints.`,
    hint: `Its selector and ports must be those of the pods: \`kubectl -n ${namespace} get services,endpointslices,pods --show-labels\`.`,
  });
}
