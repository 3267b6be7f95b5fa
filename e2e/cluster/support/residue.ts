import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "@perch/cluster";
import { execa } from "execa";

const PERCH = join(import.meta.dirname, "..", "..", "..", "packages", "cli", "bin", "perch.js");

/** What `perch residue --cluster` says, as a user runs it. */
export async function residue(cluster: Cluster): Promise<{ code: number; text: string }> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [PERCH, "residue", "--cluster", "--kubeconfig", cluster.kubeconfig],
    { reject: false, env: { PATH: `${cluster.bin}:${process.env.PATH}` } },
  );
  return { code: exitCode ?? -1, text: `${stdout}${stderr}` };
}

/** Waits until no Application and no Namespace of a canary is there. @throws Error with what is left */
export async function allGone(cluster: Cluster, canaries: readonly string[], seconds = 90): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const names = await cluster.kubectl([
      "get",
      "namespaces,applications.argoproj.io,ingressroutes.traefik.io",
      "--all-namespaces",
      "--output=name",
    ]);
    const left = names.split("\n").filter((name) => canaries.some((canary) => isOf(name, canary)));
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`Left after ${seconds} s: ${left.join(", ")}`);
    await sleep(100);
  }
}

/** `store-canary-pr-4` is not of `store-canary-pr-45`. */
function isOf(name: string, canary: string): boolean {
  const own = name.split("/").at(-1) ?? "";
  return own === canary || own.startsWith(`${canary}-`);
}
