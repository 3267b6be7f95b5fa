import type { InstanceFailure } from "../../instances.ts";
import type { ApplicationView } from "./application.ts";
import { cause, type Place } from "./cause.ts";
import type { Shown, Subject, VariantObjects } from "./variant.ts";

/** Milliseconds within which a Deployment follows its Application. */
const MOMENT = 10_000;

/** Where no Deployment was seen, only Argo CD can tell how far it is; its revision is what the Application names. */
export function withoutDeployment(
  { deployments, isArgocdRead }: VariantObjects,
  view: ApplicationView | undefined,
  { place, now }: Subject,
): Omit<Shown, "revision"> {
  const { state, since, failure } = view ?? { state: "queued", since: 0 };
  const shown = { state, since, restarts: 0 };
  if (failure !== undefined) return { ...shown, failure };
  if (deployments === undefined || state === "stopping") return shown;
  if (view === undefined) {
    // A canary's comes in a moment; stable's is there or nobody brings it.
    const isMissing = isArgocdRead && place.variant.pr === undefined;
    return isMissing ? { ...shown, state: "failed", failure: noApplication(place) } : shown;
  }
  if (!view.isSynced) return shown;
  if (now - since < MOMENT) return { ...shown, state: "starting" };
  return { ...shown, state: "failed", failure: noDeployment(place, since) };
}

function noApplication(place: Place): InstanceFailure {
  return cause(place, 0, {
    code: "SYNC_FAILED",
    message: `There is no Application ${place.title} in argocd, and no Deployment ${place.variant.service} in ${place.namespace}.`,
    hint: "`kubectl apply -k manifests` brings them; --context chooses another cluster.",
  });
}

function noDeployment(place: Place, at: number): InstanceFailure {
  const { variant, title } = place;
  return cause(place, at, {
    code: "MANIFESTS_INVALID",
    message: `The manifests of ${title} have no Deployment ${variant.service}.`,
    hint: `The base needs a Deployment ${variant.service}: \`perch init --kubernetes\` writes one.`,
  });
}
