import type { TestCluster } from "./cluster/index.ts";

/** How many pods of a namespace take of its quota: all but those that have ended. */
export async function livingPods(cluster: TestCluster, namespace: string): Promise<number> {
  const names = await cluster.kubectl([
    ...["get", "pods", "--namespace", namespace, "--output=name"],
    "--field-selector=status.phase!=Succeeded,status.phase!=Failed",
  ]);
  return names.split("\n").filter(Boolean).length;
}
