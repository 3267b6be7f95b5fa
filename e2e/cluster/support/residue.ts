import { setTimeout as sleep } from "node:timers/promises";
import type { TestCluster } from "./cluster/index.ts";
import { PATIENCE } from "./patience.ts";
import { perch } from "./perch.ts";

/** What `perch residue --cluster` says, as a user runs it. */
export async function residue(cluster: TestCluster): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await perch(cluster, "residue", "--cluster");
  return { code, text: `${stdout}${stderr}` };
}

/** Where a canary leaves traces: Namespaces, Applications, and routes in stable's Namespace. */
const LISTS = [
  "/api/v1/namespaces",
  "/apis/argoproj.io/v1alpha1/applications",
  "/apis/traefik.io/v1alpha1/ingressroutes",
];

/** Waits until no Application and no Namespace of a canary is there. @throws Error with what is left */
export async function allGone(cluster: TestCluster, canaries: readonly string[]): Promise<void> {
  const deadline = Date.now() + PATIENCE * 1000;
  for (;;) {
    const names = (await Promise.all(LISTS.map((path) => cluster.names(path)))).flat();
    const left = names.filter((name) => canaries.some((canary) => isOf(name, canary)));
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`Left after ${PATIENCE} s: ${left.join(", ")}`);
    await sleep(200);
  }
}

/** `store-canary-pr-4` is not of `store-canary-pr-45`. */
function isOf(name: string, canary: string): boolean {
  return name === canary || name.startsWith(`${canary}-`);
}
