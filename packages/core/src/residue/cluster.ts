import { PR_LABEL, SERVICE_LABEL } from "../manifests/names.ts";
import { canaryName, parseVariantName } from "../naming.ts";

/** An object of a cluster, as far as residue is concerned. */
export interface ClusterObject {
  readonly kind: string;
  readonly name: string;
  /** Absent: it belongs to the cluster. */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** It was told to go, and is still there. */
  readonly isDeleting: boolean;
}

/** What exists without a reason. */
export interface ClusterResidue {
  readonly object: ClusterObject;
  /** The canary that it is of: `store-canary-pr-45`. */
  readonly canary: string;
  readonly reason: string;
}

/**
 * What is left in a cluster of canaries that nobody wants: those without an Application that owns them, and those whose
 * Application is being removed. What is of no canary is somebody else's. In the order of canaries, then as given.
 */
export function clusterResidue(objects: readonly ClusterObject[]): ClusterResidue[] {
  const applications = new Map<string, ClusterObject[]>();
  for (const object of objects) {
    const canary = canaryOf(object);
    if (object.kind !== "Application" || canary === undefined) continue;
    applications.set(canary, [...(applications.get(canary) ?? []), object]);
  }
  const residue = objects.flatMap((object): ClusterResidue[] => {
    const canary = canaryOf(object);
    if (canary === undefined) return [];
    const reason = whyLeft(object, applications.get(canary) ?? []);
    return reason === undefined ? [] : [{ object, canary, reason }];
  });
  return residue.sort((a, b) => (a.canary < b.canary ? -1 : Number(a.canary > b.canary)));
}

function whyLeft(object: ClusterObject, owners: readonly ClusterObject[]): string | undefined {
  if (object.isDeleting) return "was told to go, and is still there";
  if (object.kind === "Application") return undefined;
  if (owners.length === 0) return "no Application owns it";
  return owners.every((owner) => owner.isDeleting) ? "its Application is being removed" : undefined;
}

/** By its labels, or by the namespace that it is, or is in: a pull request's own objects need not be labelled. */
function canaryOf({ kind, name, namespace, labels }: ClusterObject): string | undefined {
  const service = labels[SERVICE_LABEL];
  const pr = labels[PR_LABEL];
  const labelled = service === undefined || pr === undefined ? "" : canaryName(service, Number(pr));
  for (const candidate of [labelled, kind === "Namespace" ? name : (namespace ?? "")]) {
    if (parseVariantName(candidate)?.pr !== undefined) return candidate;
  }
  return undefined;
}
