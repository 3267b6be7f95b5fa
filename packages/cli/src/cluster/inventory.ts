import type { ClusterObject } from "@perch/core";
import { type ClusterOptions, kubectl } from "./kubectl.ts";

/** What canaries are made of beside what is in their namespaces, as `kubectl api-resources -o name` calls it. */
const KINDS = [
  "applications.argoproj.io",
  "namespaces",
  "ingressroutes.traefik.io",
  "middlewares.traefik.io",
  "grpcroutes.gateway.networking.k8s.io",
  "httproutes.gateway.networking.k8s.io",
];

interface KubernetesList {
  readonly items: readonly {
    readonly kind: string;
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string;
      readonly labels?: Record<string, string>;
      readonly deletionTimestamp?: string;
    };
  }[];
}

/** Everything in a cluster that may be of a canary. A cluster without one of the kinds has none of it. */
export async function clusterInventory(options: ClusterOptions): Promise<ClusterObject[]> {
  const known = new Set((await kubectl(["api-resources", "--output=name"], options)).split("\n"));
  const kinds = KINDS.filter((kind) => known.has(kind)).join(",");
  const text = await kubectl(["get", kinds, "--all-namespaces", "--output=json"], options);
  return (JSON.parse(text) as KubernetesList).items.map(({ kind, metadata }) => {
    const { name, namespace, labels = {}, deletionTimestamp } = metadata;
    const place = namespace === undefined ? {} : { namespace };
    return { kind, name, ...place, labels, isDeleting: deletionTimestamp !== undefined };
  });
}
