import { writeFile } from "node:fs/promises";
import type { TestCluster } from "./cluster/index.ts";

/** Of `cluster.restartAccount` in the stories' perch.yaml. */
export const RESTART_ACCOUNT = { namespace: "default", name: "perch-restart" } as const;

/** Makes the account and writes its kubeconfig, as docs/workflows.md says: whose holder has no other right. */
export async function writeRestartKubeconfig(cluster: TestCluster, file: string): Promise<void> {
  const { namespace, name } = RESTART_ACCOUNT;
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } };
  await cluster.kubectl(["apply", "--filename=-"], JSON.stringify(account));
  const token = (await cluster.kubectl(["create", "token", name, `--namespace=${namespace}`])).trim();
  // The file by which this machine, and not the cluster itself, reaches the API server.
  const given = `--kubeconfig=${cluster.kubeconfig}`;
  const view = await cluster.kubectl([
    "config",
    "view",
    "--raw",
    "--minify",
    "--flatten",
    "--output=json",
    given,
  ]);
  const { clusters } = JSON.parse(view) as { clusters: readonly { name: string }[] };
  const context = { cluster: clusters[0]?.name, user: name };
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters,
    users: [{ name, user: { token } }],
    contexts: [{ name, context }],
    "current-context": name,
  };
  await writeFile(file, JSON.stringify(kubeconfig), { mode: 0o600 });
}
