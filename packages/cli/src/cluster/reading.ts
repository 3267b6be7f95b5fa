import { type ClusterReading, type Config, PerchError, parseVariantName, type Unread } from "@perch/core";
import { type ClusterOptions, kubectl } from "./kubectl.ts";

/** Where Argo CD is: `perch render` puts it there. */
const ARGOCD = ["--namespace", "argocd"];
/** Everything of a service has this label, its pods and its Services' endpoints too. */
const OF_A_SERVICE = ["--selector", "perch.dev/service"];

/** Events have no labels; these are of ReplicaSets that could not make a pod. */
const REFUSALS = ["--field-selector", "reason=FailedCreate"];

/** A list, or why there is none. */
interface Listed {
  readonly items: readonly object[];
  readonly unread: readonly Unread[];
}

/** Everything of stable and of canaries that this login may list. @throws PerchError CLUSTER_UNREACHABLE */
export async function readCluster(config: Config, options: ClusterOptions): Promise<ClusterReading> {
  const argocd = (resource: string) => list(resource, `${resource}.argoproj.io`, ARGOCD, options);
  const namespaces = namespacesOnce(config, options);
  const workload = (resource: string, group = "") =>
    listEverywhere(resource, `${resource}${group}`, OF_A_SERVICE, namespaces, options);
  const [applications, applicationSets, deployments, replicaSets, pods, events, endpointSlices] =
    await Promise.all([
      argocd("applications"),
      argocd("applicationsets"),
      workload("deployments", ".apps"),
      workload("replicasets", ".apps"),
      workload("pods"),
      listEverywhere("events", "events", REFUSALS, namespaces, options),
      workload("endpointslices", ".discovery.k8s.io"),
    ]);
  const all = { applications, applicationSets, deployments, replicaSets, pods, events, endpointSlices };
  const items = Object.fromEntries(Object.entries(all).map(([name, listed]) => [name, listed.items]));
  const unread = Object.values(all).flatMap((listed) => listed.unread);
  return { ...(items as unknown as Omit<ClusterReading, "unread">), unread };
}

/** One list of all namespaces; who may not have it gets a list of each. */
async function listEverywhere(
  resource: string,
  kind: string,
  which: readonly string[],
  namespaces: () => Promise<readonly string[]>,
  options: ClusterOptions,
): Promise<Listed> {
  const whole = await list(resource, kind, ["--all-namespaces", ...which], options);
  if (whole.unread.length === 0) return whole;
  const parts: Listed[] = [];
  for (const namespace of await namespaces()) {
    const { items, unread } = await list(resource, kind, ["--namespace", namespace, ...which], options);
    parts.push({ items, unread: unread.map((one) => ({ ...one, namespace })) });
  }
  return { items: parts.flatMap(({ items }) => items), unread: parts.flatMap(({ unread }) => unread) };
}

/** Stable's namespace and those of canaries, by their Applications or else by their label; found when it is first asked for. */
function namespacesOnce(config: Config, options: ClusterOptions): () => Promise<readonly string[]> {
  let found: Promise<readonly string[]> | undefined;
  const find = async () => {
    const applications = await names("applications.argoproj.io", ARGOCD, options);
    const canaries =
      applications ?? (await names("namespaces", ["--selector", "perch.dev/canary=true"], options)) ?? [];
    const known = canaries.filter((name) => parseVariantName(name)?.pr !== undefined);
    return [config.cluster.namespace, ...new Set(known)];
  };
  return () => {
    found ??= find();
    return found;
  };
}

async function names(
  kind: string,
  where: readonly string[],
  options: ClusterOptions,
): Promise<string[] | undefined> {
  const { items, unread } = await list(kind, kind, where, options);
  if (unread.length > 0) return undefined;
  return (items as readonly { readonly metadata: { readonly name: string } }[]).map(
    ({ metadata }) => metadata.name,
  );
}

async function list(
  resource: string,
  kind: string,
  where: readonly string[],
  options: ClusterOptions,
): Promise<Listed> {
  try {
    const text = await kubectl(["get", kind, ...where, "--output=json"], options);
    return { items: (JSON.parse(text) as { items: readonly object[] }).items, unread: [] };
  } catch (error) {
    if (!(error instanceof PerchError) || error.code !== "CLUSTER_REFUSED") throw error;
    return { items: [], unread: [{ resource, reason: error.message }] };
  }
}
