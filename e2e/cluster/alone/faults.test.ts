import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Faults, NO_FAULTS, type TestCluster } from "../support/cluster/index.ts";
import { ask, askUntil, servedBy } from "../support/edge.ts";
import { PATIENCE } from "../support/patience.ts";
import { REPOSITORIES } from "../support/perch-yaml.ts";
import { lookAgain, namespaceOf, open, publishAndLabel } from "../support/pull-requests.ts";
import { allGone } from "../support/residue.ts";
import { useCluster } from "../support/suite.ts";

const { shop } = REPOSITORIES;

describe("what breaks around canaries on a real cluster", () => {
  const suite = useCluster();

  it("an outage of GitHub, and a repository that it says is not there, delete nothing", async () => {
    const { cluster } = suite;
    const pullRequest = await open(cluster, shop);
    await publishAndLabel(cluster, pullRequest, ["api"]);
    const selector = String(pullRequest.number);
    const isServed = servedBy(`api@${selector}`, "store");
    await askUntil(cluster, { selector }, isServed);
    for (const status of [500, 404] as const) {
      await cluster.github.outage({ kind: "status", status });
      await lookAgain(cluster);
      await sleep(8000);
      assert.ok(isServed(await ask(cluster, { selector })), `after ${status}`);
      await cluster.github.outage(undefined);
    }
    await lookAgain(cluster);
    await cluster.github.close(shop, pullRequest.number);
    await allGone(cluster, [namespaceOf(pullRequest, "api")]);
  });

  it("controllers that are ended in mid-sync take up where they were", { skip: NO_FAULTS }, async () => {
    const { cluster } = suite;
    const faults = faultsOf(cluster);
    const pullRequests = [];
    for (let n = 0; n < 3; n += 1) pullRequests.push(await open(cluster, shop));
    await Promise.all(pullRequests.map((one) => publishAndLabel(cluster, one, ["api", "store"])));
    for (const name of ["argocd-application-controller", "argocd-applicationset-controller"]) {
      await faults.restart(name);
    }
    for (const { number } of pullRequests) {
      await askUntil(cluster, { selector: String(number) }, servedBy(`api@${number}`, `store@${number}`));
    }
    for (const { number } of pullRequests) await cluster.github.close(shop, number);
    await allGone(
      cluster,
      pullRequests.flatMap((one) => [namespaceOf(one, "api"), namespaceOf(one, "store")]),
    );
  });

  it("a node that is lost takes no canary with it for good, and stable goes on", {
    skip: NO_FAULTS,
  }, async () => {
    const { cluster } = suite;
    const faults = faultsOf(cluster);
    const pullRequest = await open(cluster, shop);
    await publishAndLabel(cluster, pullRequest, ["api"]);
    const selector = String(pullRequest.number);
    const isServed = servedBy(`api@${selector}`, "store");
    await askUntil(cluster, { selector }, isServed);
    await faults.setConnected("node2", false);
    try {
      await askUntil(cluster, {}, ({ status }) => status === 200);
      // Pods of the lost node are replaced once it counts as lost: 20 seconds, and 30 more that pods tolerate it.
      await askUntil(cluster, { selector }, isServed);
    } finally {
      await faults.setConnected("node2", true);
    }
    await cluster.kubectl(["wait", "node/node2", "--for=condition=Ready", `--timeout=${PATIENCE}s`]);
    await cluster.github.close(shop, pullRequest.number);
    await allGone(cluster, [namespaceOf(pullRequest, "api")]);
  });
});

function faultsOf({ faults }: TestCluster): Faults {
  assert.ok(faults !== undefined);
  return faults;
}
