import assert from "node:assert/strict";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { perch } from "../support/perch.ts";
import { until } from "../support/until.ts";
import { ask, askUntil, servedBy } from "./support/edge.ts";
import { PATIENCE } from "./support/patience.ts";
import { REPOSITORIES } from "./support/perch-yaml.ts";
import { namespaceOf, type OpenPullRequest, open, publishImage } from "./support/pull-requests.ts";
import { allGone } from "./support/residue.ts";
import { RESTART_ACCOUNT, writeRestartKubeconfig } from "./support/restart-account.ts";
import { useCluster } from "./support/suite.ts";

const { shop } = REPOSITORIES;

/** Milliseconds after which a Pod has been created: the kubelet then waits from its look after some 150 seconds to that after 310. */
const LATE = 4 * 60_000;

describe("a late image on a real cluster", () => {
  const suite = useCluster();

  /** `perch ci refresh --restart`, as a workflow calls it with the secret that docs/workflows.md says how to make. */
  async function restart({ repo, number, head }: OpenPullRequest): Promise<string> {
    await using folder = await mkdtempDisposable(join(tmpdir(), "perch-late-"));
    const kubeconfig = join(folder.path, "kubeconfig");
    await writeRestartKubeconfig(suite.cluster, kubeconfig);
    const subject = ["--repo", repo, "--pr", String(number), "--head", head];
    const options = ["--services", "api", "--restart", "--kubeconfig", kubeconfig];
    const env = { PATH: [suite.cluster.tools, process.env.PATH].filter(Boolean).join(":") };
    const run = await perch(["ci", "refresh", ...subject, ...options], { env });
    assert.equal(run.code, 0, run.stderr);
    return run.stdout;
  }

  /** What Kubernetes says that the workflows' account may do. */
  async function mayRestarter(verb: string, resource: string, namespace: string): Promise<boolean> {
    const user = `--as=system:serviceaccount:${RESTART_ACCOUNT.namespace}:${RESTART_ACCOUNT.name}`;
    const question = ["auth", "can-i", verb, resource, `--namespace=${namespace}`, user];
    return suite.cluster.kubectl(question).then(
      (answer) => answer.trim() === "yes",
      () => false,
    );
  }

  /** Epoch milliseconds at which the Pod was created that waits for its image. */
  async function waitingSince(namespace: string): Promise<number> {
    let created = "";
    await until(`a Pod of ${namespace} waits for its image`, PATIENCE, async () => {
      const path =
        '{range .items[?(@.status.containerStatuses[*].state.waiting.reason=="ImagePullBackOff")]}{.metadata.creationTimestamp} {end}';
      const found = await suite.cluster.kubectl([
        "get",
        "pods",
        "--namespace",
        namespace,
        "-o",
        `jsonpath=${path}`,
      ]);
      [created = ""] = found.trim().split(" ");
      return created !== "";
    });
    return Date.parse(created);
  }

  it("an image that comes four minutes late is taken up at once when the workflow says that it is there", async () => {
    const { cluster } = suite;
    const late = await open(cluster, shop);
    await cluster.github.label(shop, late.number, "canary/api");
    const selector = String(late.number);
    const namespace = namespaceOf(late, "api");
    await askUntil(cluster, { selector }, ({ status }) => status === 503);
    const createdAt = await waitingSince(namespace);
    await sleep(Math.max(0, createdAt + LATE - Date.now()));
    assert.equal((await ask(cluster, { selector })).status, 503);
    await publishImage(cluster, late, "api");
    assert.match(await restart(late), new RegExp(`Restarted ${namespace}/api-`));
    assert.ok(await mayRestarter("delete", "pods", namespace));
    for (const [verb, resource, where] of [
      ["delete", "pods", "apps"],
      ["list", "pods", "apps"],
      ["create", "pods", namespace],
      ["create", "pods/exec", namespace],
      ["get", "secrets", namespace],
    ] as const)
      assert.equal(await mayRestarter(verb, resource, where), false, `${verb} ${resource} in ${where}`);
    await askUntil(cluster, { selector }, servedBy(`api@${selector}`, "store"));
    await cluster.github.close(shop, late.number);
    await allGone(cluster, [namespace]);
  });
});
