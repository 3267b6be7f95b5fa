import { attachBed, startBed } from "./bed.ts";
import { attachGiven, isGiven, requireParts } from "./given.ts";
import type { TestCluster } from "./test-cluster.ts";

export type { Faults, TestCluster } from "./test-cluster.ts";

/** Why a story that breaks the cluster does not run; undefined where it does. */
export const NO_FAULTS = isGiven(process.env)
  ? "it breaks the cluster, and the cluster of KUBECONFIG is not the tests' own"
  : undefined;

/** The cluster that the environment names, or else the bed, which is brought up. */
export async function openCluster(say: (line: string) => void): Promise<TestCluster> {
  if (!isGiven(process.env)) return startBed(say);
  const cluster = await attachGiven(process.env);
  await requireParts(cluster);
  say(`the cluster of ${cluster.kubeconfig}`);
  return cluster;
}

/** The same once it is open, for a test file. */
export function attachCluster(): Promise<TestCluster> {
  return isGiven(process.env) ? attachGiven(process.env) : attachBed();
}
