import type { InstanceFailure, InstanceState } from "../../instances.ts";
import { cause, oneLine, type Place } from "./cause.ts";
import { type Application, type Condition, epoch, type OperationState } from "./objects.ts";

/** What Argo CD says of one Application. */
export interface ApplicationView {
  /** As far as Argo CD alone can tell it: of `ready` it knows no more than its own health checks. */
  readonly state: InstanceState;
  readonly since: number;
  readonly failure?: InstanceFailure;
  /** Whether its manifests are what the cluster has. */
  readonly isSynced: boolean;
}

/** A sync that waits for its Namespace is tried again; one that failed so often has a reason of its own. */
const MANY_RETRIES = 3;

export function applicationView(application: Application, place: Place): ApplicationView {
  const { metadata, status } = application;
  const failure = applicationFailure(application, place);
  const base = {
    isSynced: status?.sync?.status === "Synced",
    ...(failure === undefined ? {} : { failure }),
  };
  if (metadata.deletionTimestamp !== undefined)
    return { ...base, state: "stopping", since: epoch(metadata.deletionTimestamp) };
  if (failure !== undefined) return { ...base, state: "failed", since: failure.at };
  const operation = status?.operationState;
  if (operation?.phase === "Running")
    return { ...base, state: "preparing", since: epoch(operation.startedAt) };
  const since = epoch(status?.health?.lastTransitionTime) || epoch(metadata.creationTimestamp);
  return { ...base, state: base.isSynced ? stateOf(status?.health?.status) : "queued", since };
}

/** https://argo-cd.readthedocs.io/en/stable/operator-manual/health/ */
function stateOf(health: string | undefined): InstanceState {
  if (health === "Healthy") return "ready";
  return health === "Degraded" ? "failed" : "starting";
}

/** Manifests that cannot be made, then those that the cluster does not take. */
function applicationFailure(application: Application, place: Place): InstanceFailure | undefined {
  const { conditions = [], operationState: operation, sync } = application.status ?? {};
  const unbuildable = conditions.find(
    ({ type }) => type === "ComparisonError" || type === "InvalidSpecError",
  );
  if (unbuildable !== undefined) return invalid(application, place, unbuildable);
  // What failed before, and was mended by hand, is synced.
  const isFailed = operation?.phase === "Failed" || operation?.phase === "Error";
  const isRetried = operation?.phase === "Running" && (operation.retryCount ?? 0) >= MANY_RETRIES;
  if ((isFailed && sync?.status !== "Synced") || isRetried)
    return notSynced(application, place, whatFailed(operation), operationTime(operation));
  const error = conditions.find(({ type }) => type === "SyncError" || type === "DeletionError");
  if (error === undefined) return undefined;
  return notSynced(application, place, error.message ?? error.type, epoch(error.lastTransitionTime));
}

function operationTime({ finishedAt, startedAt }: OperationState): number {
  return epoch(finishedAt) || epoch(startedAt);
}

function invalid(
  { metadata, spec }: Application,
  place: Place,
  { type, message = type, lastTransitionTime }: Condition,
): InstanceFailure {
  const path = spec?.source?.path;
  return cause(place, epoch(lastTransitionTime), {
    code: "MANIFESTS_INVALID",
    message: `Argo CD cannot make the manifests of ${metadata.name}: ${oneLine(withoutTransport(message))}`,
    hint:
      path === undefined
        ? `\`kubectl -n argocd describe application ${metadata.name}\` has the whole message.`
        : `\`kubectl kustomize ${path}\` in a checkout shows the same; mend it and push.`,
  });
}

/** What gRPC and the repo server put before the cause: "rpc error: code = Unknown desc = ". */
function withoutTransport(message: string): string {
  return message.replace(/^.*\bdesc = /s, "");
}

function notSynced({ metadata }: Application, place: Place, message: string, at: number): InstanceFailure {
  return cause(place, at, {
    code: "SYNC_FAILED",
    message: `The cluster does not take what ${metadata.name} holds: ${oneLine(message)}`,
    hint: `${whoRefuses(message)}What was synced before goes on serving: \`kubectl -n argocd describe application ${metadata.name}\`.`,
  });
}

function whoRefuses(message: string): string {
  if (/ValidatingAdmissionPolicy|denied the request/.test(message))
    return "An admission policy of manifests/platform/perch refuses it: take what it names out of the manifests, and push. ";
  if (/is not permitted in project/.test(message))
    return "The AppProject allows only what a canary needs: take that object out of the manifests, and push. ";
  return "";
}

/** The objects that were refused say why; the operation itself only how many. */
function whatFailed({ message = "no message", syncResult }: OperationState): string {
  const refused = (syncResult?.resources ?? []).filter(({ status }) => status === "SyncFailed");
  if (refused.length === 0) return message;
  return refused.map(({ kind, name, message: why = "refused" }) => `${kind}/${name}: ${why}`).join("; ");
}
