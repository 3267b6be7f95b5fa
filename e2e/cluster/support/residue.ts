import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { TestCluster } from "./cluster/index.ts";

const PERCH = join(import.meta.dirname, "..", "..", "..", "packages", "cli", "bin", "perch.js");

/** What `perch residue --cluster` says, as a user runs it. */
export async function residue(cluster: TestCluster): Promise<{ code: number; text: string }> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [PERCH, "residue", "--cluster", "--kubeconfig", cluster.kubeconfig],
    { reject: false, env: { PATH: [cluster.tools, process.env.PATH].filter(Boolean).join(":") } },
  );
  return { code: exitCode ?? -1, text: `${stdout}${stderr}` };
}

/** Where a canary leaves traces: Namespaces, Applications, and routes in stable's Namespace. */
const LISTS = [
  "/api/v1/namespaces",
  "/apis/argoproj.io/v1alpha1/applications",
  "/apis/traefik.io/v1alpha1/ingressroutes",
];

/** Waits until no Application and no Namespace of a canary is there. @throws Error with what is left */
export async function allGone(
  cluster: TestCluster,
  canaries: readonly string[],
  seconds = 240,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const names = (await Promise.all(LISTS.map((path) => cluster.names(path)))).flat();
    const left = names.filter((name) => canaries.some((canary) => isOf(name, canary)));
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`Left after ${seconds} s: ${left.join(", ")}`);
    await sleep(200);
  }
}

/** `store-canary-pr-4` is not of `store-canary-pr-45`. */
function isOf(name: string, canary: string): boolean {
  return name === canary || name.startsWith(`${canary}-`);
}
