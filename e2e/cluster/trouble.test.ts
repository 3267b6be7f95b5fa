import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestCluster } from "./support/cluster/index.ts";
import { ask, askUntil, servedBy } from "./support/edge.ts";
import { appendKustomization, replaceIn } from "./support/edits.ts";
import { startLoad } from "./support/load.ts";
import { REPOSITORIES } from "./support/perch-yaml.ts";
import { livingPods } from "./support/pods.ts";
import { namespaceOf, open, publishAndLabel, push } from "./support/pull-requests.ts";
import { allGone } from "./support/residue.ts";
import { useCluster } from "./support/suite.ts";
import { until } from "./support/until.ts";

const { shop } = REPOSITORIES;

/** A probe that never answers. */
const NEVER_READY = replaceIn("api", "deployment.yaml", "path: /readyz", "path: /never");
const MENDED = replaceIn("api", "deployment.yaml", "path: /never", "path: /readyz");

/** By default an HPA waits five minutes before it takes a pod away. */
const SOON_DOWN = replaceIn(
  "api",
  "hpa.yaml",
  "  metrics:",
  "  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 15\n  metrics:",
);

describe("a canary in trouble on a real cluster", { concurrency: true }, () => {
  const suite = useCluster();

  it("one that never gets ready answers 503, and holds up neither its next push nor its close", async () => {
    const { cluster } = suite;
    const broken = await open(cluster, shop, NEVER_READY);
    await publishAndLabel(cluster, broken, ["api"]);
    const selector = String(broken.number);
    await askUntil(cluster, { selector }, ({ status }) => status === 503);
    assert.equal((await ask(cluster, {})).status, 200);
    const mended = await push(cluster, broken, ["api"], MENDED);
    await askUntil(cluster, { selector }, servedBy(`api@${selector}`, "store"));
    await push(cluster, mended, ["api"], NEVER_READY);
    await cluster.github.close(shop, broken.number);
    await allGone(cluster, [namespaceOf(broken, "api")]);
  });

  it("a kustomization that does not build answers 503, not stable, until a push mends it", async () => {
    const { cluster } = suite;
    const unbuildable = "- broken: [\n";
    const broken = await open(cluster, shop, appendKustomization("api", unbuildable));
    await publishAndLabel(cluster, broken, ["api"]);
    const selector = String(broken.number);
    await askUntil(cluster, { selector }, ({ status }) => status === 503);
    await sleep(3000);
    assert.equal((await ask(cluster, { selector })).status, 503);
    await push(cluster, broken, ["api"], replaceIn("api", "kustomization.yaml", unbuildable, ""));
    await askUntil(cluster, { selector }, servedBy(`api@${selector}`, "store"));
    await cluster.github.close(shop, broken.number);
    await allGone(cluster, [namespaceOf(broken, "api")]);
  });

  it("the HPA scales a canary up and down under load, and the quota holds", async () => {
    const { cluster } = suite;
    const pullRequest = await open(cluster, shop, SOON_DOWN);
    await publishAndLabel(cluster, pullRequest, ["api"]);
    const selector = String(pullRequest.number);
    const namespace = namespaceOf(pullRequest, "api");
    const isServed = servedBy(`api@${selector}`, "store");
    await askUntil(cluster, { selector }, isServed);
    const load = startLoad(cluster, { selector }, isServed, 16);
    await waitForReplicas(cluster, namespace, 2);
    await load.stop();
    assert.deepEqual(load.failures, []);
    await waitForReplicas(cluster, namespace, 1);
    // The quota has room for six pods; a hand that asks for ten gets no more.
    await cluster.kubectl(["delete", "hpa/api", "--namespace", namespace]);
    await cluster.kubectl(["scale", "deployment/api", "--replicas=10", "--namespace", namespace]);
    const events = ["get", "events", "--namespace", namespace, "--field-selector=reason=FailedCreate"];
    await until("the quota refuses a pod", 180, async () =>
      (await cluster.kubectl([...events, "--output=jsonpath={.items[*].message}"])).includes(
        "exceeded quota",
      ),
    );
    assert.ok((await livingPods(cluster, namespace)) <= 6);
    await cluster.github.close(shop, pullRequest.number);
    await allGone(cluster, [namespace]);
  });
});

async function waitForReplicas(cluster: TestCluster, namespace: string, count: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/api`;
  await until(`${count} replicas`, 180, async () => {
    const found = (await cluster.read(path)) as { status?: { readyReplicas?: number } } | undefined;
    return found?.status?.readyReplicas === count;
  });
}
