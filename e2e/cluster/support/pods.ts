import type { TestCluster } from "./cluster/index.ts";

interface Pod {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly status: { readonly phase: string };
}

/** How many pods of a namespace count against its quota: one that ends counts until its grace is over, however long it takes. */
export async function livingPods(cluster: TestCluster, namespace: string): Promise<number> {
  const { items } = (await cluster.read(`/api/v1/namespaces/${namespace}/pods`)) as { items: Pod[] };
  const isLiving = ({ metadata, status }: Pod) =>
    metadata.deletionTimestamp === undefined && !["Succeeded", "Failed"].includes(status.phase);
  return items.filter(isLiving).length;
}
