import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { revisionOf } from "@perch/core";
import { ask, askUntil, servedBy } from "./support/edge.ts";
import { appendKustomization, replaceIn } from "./support/edits.ts";
import { startLoad } from "./support/load.ts";
import { REPOSITORIES } from "./support/perch-yaml.ts";
import {
  namespaceOf,
  type OpenPullRequest,
  open,
  publishAndLabel,
  publishImage,
  push,
} from "./support/pull-requests.ts";
import { allGone } from "./support/residue.ts";
import { useEnvironment } from "./support/suite.ts";

const { shop } = REPOSITORIES;

/** A probe that never answers. */
const NEVER_READY = replaceIn("api", "deployment.yaml", "path: /readyz", "path: /never");
const MENDED = replaceIn("api", "deployment.yaml", "path: /never", "path: /readyz");

/** Milliseconds. */
const LATE = 4 * 60_000;

describe("what goes wrong with a canary on a real cluster", () => {
  const suite = useEnvironment();
  let late: OpenPullRequest;
  let labelledAt = 0;

  // Waits beside the other stories.
  before(async () => {
    late = await open(suite.cluster, shop);
    await suite.cluster.github.label(shop, late.number, "canary/api");
    labelledAt = Date.now();
  });

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

  it("an outage of GitHub, and a repository that it says is not there, delete nothing", async () => {
    const { cluster } = suite;
    const pullRequest = await open(cluster, shop);
    await publishAndLabel(cluster, pullRequest, ["api"]);
    const selector = String(pullRequest.number);
    const isServed = servedBy(`api@${selector}`, "store");
    await askUntil(cluster, { selector }, isServed);
    for (const status of [500, 404] as const) {
      await cluster.github.outage({ kind: "status", status });
      await refresh();
      await sleep(8000);
      assert.ok(isServed(await ask(cluster, { selector })), `after ${status}`);
      await cluster.github.outage(undefined);
    }
    await refresh();
    await cluster.github.close(shop, pullRequest.number);
    await allGone(cluster, [namespaceOf(pullRequest, "api")], 240);

    async function refresh(): Promise<void> {
      await cluster.kubectl([
        ...["annotate", "applicationset", "canaries-acme-shop", "--namespace=argocd", "--overwrite"],
        "argocd.argoproj.io/application-set-refresh=true",
      ]);
    }
  });

  it("controllers that are ended in mid-sync take up where they were", async () => {
    const { cluster } = suite;
    const pullRequests = [];
    for (let n = 0; n < 3; n += 1) pullRequests.push(await open(cluster, shop));
    await Promise.all(pullRequests.map((one) => publishAndLabel(cluster, one, ["api", "store"])));
    for (const name of ["argocd-application-controller", "argocd-applicationset-controller"]) {
      await cluster.stop(name);
      await cluster.start(name);
    }
    for (const { number } of pullRequests) {
      await askUntil(cluster, { selector: String(number) }, servedBy(`api@${number}`, `store@${number}`), {
        seconds: 120,
      });
    }
    for (const { number } of pullRequests) await cluster.github.close(shop, number);
    await allGone(
      cluster,
      pullRequests.flatMap((one) => [namespaceOf(one, "api"), namespaceOf(one, "store")]),
      180,
    );
  });

  it("a node that is lost takes no canary with it for good, and stable goes on", async () => {
    const { cluster } = suite;
    const pullRequest = await open(cluster, shop);
    await publishAndLabel(cluster, pullRequest, ["api"]);
    const selector = String(pullRequest.number);
    const isServed = servedBy(`api@${selector}`, "store");
    await askUntil(cluster, { selector }, isServed);
    await cluster.setConnected("node2", false);
    try {
      await askUntil(cluster, {}, ({ status }) => status === 200, { seconds: 120 });
      // Pods of the lost node are replaced once it counts as lost: 20 seconds, and 30 more that pods tolerate it.
      await askUntil(cluster, { selector }, isServed, { seconds: 240 });
    } finally {
      await cluster.setConnected("node2", true);
    }
    await cluster.kubectl(["wait", "node/node2", "--for=condition=Ready", "--timeout=120s"]);
    await cluster.github.close(shop, pullRequest.number);
    await allGone(cluster, [namespaceOf(pullRequest, "api")], 180);
  });

  it("the quota holds, and the HPA scales a canary up and down within it", async () => {
    const { cluster } = suite;
    const pullRequest = await open(cluster, shop);
    await publishAndLabel(cluster, pullRequest, ["api"]);
    const selector = String(pullRequest.number);
    const namespace = namespaceOf(pullRequest, "api");
    const isServed = servedBy(`api@${selector}`, "store");
    await askUntil(cluster, { selector }, isServed);
    const ready = () =>
      cluster.kubectl([
        ...["get", "deployment/api", "--namespace", namespace],
        "--output=jsonpath={.status.readyReplicas}",
      ]);
    const load = startLoad(cluster, { selector }, isServed, 16);
    for (let n = 0; n < 240 && (await ready()) !== "2"; n += 1) await sleep(500);
    assert.equal(await ready(), "2");
    await load.stop();
    assert.deepEqual(load.failures, []);
    // The quota has room for six pods; a hand that asks for ten gets no more.
    await cluster.kubectl(["delete", "hpa/api", "--namespace", namespace]);
    await cluster.kubectl(["scale", "deployment/api", "--replicas=10", "--namespace", namespace]);
    await sleep(5000);
    const pods = await cluster.kubectl(["get", "pods", "--namespace", namespace, "--output=name"]);
    assert.ok(pods.split("\n").length <= 6, pods);
    await cluster.github.close(shop, pullRequest.number);
    await allGone(cluster, [namespace], 120);
  });

  it("fifty pull requests at once all serve, and all go", { timeout: 900_000 }, async () => {
    const { cluster } = suite;
    const pullRequests = [];
    for (let n = 0; n < 50; n += 1) pullRequests.push(await open(cluster, shop));
    for (const one of pullRequests) await publishAndLabel(cluster, one, ["api"]);
    for (const { number, head } of pullRequests) {
      const { revisions } = await askUntil(
        cluster,
        { selector: String(number) },
        servedBy(`api@${number}`, "store"),
        { seconds: 420 },
      );
      assert.equal(revisions[0], revisionOf(head));
    }
    for (const { number } of pullRequests) await cluster.github.close(shop, number);
    await allGone(
      cluster,
      pullRequests.map((one) => namespaceOf(one, "api")),
      300,
    );
  });

  it("an image that comes four minutes late is taken up", { timeout: 900_000 }, async () => {
    const { cluster } = suite;
    const selector = String(late.number);
    assert.equal((await ask(cluster, { selector })).status, 503);
    await sleep(Math.max(0, labelledAt + LATE - Date.now()));
    assert.equal((await ask(cluster, { selector })).status, 503);
    await publishImage(cluster, late, "api");
    // What `perch ci refresh` does: a pod in image-pull back-off would wait for up to five minutes.
    const namespace = namespaceOf(late, "api");
    await cluster.kubectl(["delete", "pods", "--all", "--wait=false", "--namespace", namespace]);
    await askUntil(cluster, { selector }, servedBy(`api@${selector}`, "store"));
    await cluster.github.close(shop, late.number);
    await allGone(cluster, [namespace]);
  });
});
