import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { until } from "../../support/until.ts";
import type { TestCluster } from "../support/cluster/index.ts";
import { askUntil, servedBy } from "../support/edge.ts";
import { replaceIn } from "../support/edits.ts";
import { startLoad } from "../support/load.ts";
import { PATIENCE } from "../support/patience.ts";
import { REPOSITORIES } from "../support/perch-yaml.ts";
import { livingPods } from "../support/pods.ts";
import { namespaceOf, open, publishAndLabel } from "../support/pull-requests.ts";
import { allGone } from "../support/residue.ts";
import { useCluster } from "../support/suite.ts";

// Alone: its load keeps pods busy, and one that gets no processor beside other stories fails its probe, and so requests.

const { shop } = REPOSITORIES;

/** By default an HPA waits five minutes before it takes a pod away. */
const SOON_DOWN = replaceIn(
  "api",
  "hpa.yaml",
  "  metrics:",
  "  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 15\n  metrics:",
);

describe("scaling on a real cluster", () => {
  const suite = useCluster();

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
    await until("the quota refuses a pod", PATIENCE, async () =>
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
  await until(`${count} replicas`, PATIENCE, async () => {
    const found = (await cluster.read(path)) as { status?: { readyReplicas?: number } } | undefined;
    return found?.status?.readyReplicas === count;
  });
}
