import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { revisionOf } from "@perch/core";
import { ask, askUntil, servedBy } from "./support/edge.ts";
import { EDGE_HOST, REPOSITORIES } from "./support/perch-yaml.ts";
import { namespaceOf, open, publishAndLabel, publishImage } from "./support/pull-requests.ts";
import { allGone } from "./support/residue.ts";
import { useCluster } from "./support/suite.ts";

const { shop, web } = REPOSITORIES;

describe("the life of a pull request on a real cluster", { concurrency: 3 }, () => {
  const suite = useCluster();

  it("untagged requests are stable's, and say nothing", async () => {
    const answer = await ask(suite.cluster, {});
    assert.deepEqual([answer.status, answer.hops, answer.echo], [200, [], undefined]);
  });

  it("a label makes a canary that answers through the edge, with a true trail", async () => {
    const { cluster } = suite;
    const pullRequest = await open(cluster, shop);
    await publishAndLabel(cluster, pullRequest, ["api"]);
    const selector = String(pullRequest.number);
    const answer = await askUntil(cluster, { selector }, servedBy(`api@${selector}`, "store"));
    assert.equal(answer.echo, selector);
    assert.deepEqual(answer.revisions, [revisionOf(pullRequest.head), "main"]);
    // The same by a list of one, and nothing of it without the header.
    const listed = await ask(cluster, { selector: `api=${selector}` });
    assert.deepEqual(listed.hops, [`api@${selector}`, "store"]);
    assert.deepEqual((await ask(cluster, {})).hops, []);
    await cluster.github.close(shop, pullRequest.number);
    await allGone(cluster, [namespaceOf(pullRequest, "api")]);
  });

  it("a canary api calls a canary store, and stable api calls it too", async () => {
    const { cluster } = suite;
    const both = await open(cluster, shop);
    const backend = await open(cluster, shop);
    await publishAndLabel(cluster, both, ["api", "store"]);
    await publishAndLabel(cluster, backend, ["store"]);
    const [n, m] = [both.number, backend.number];
    await askUntil(cluster, { selector: String(n) }, servedBy(`api@${n}`, `store@${n}`));
    await askUntil(cluster, { selector: String(m) }, servedBy("api", `store@${m}`));
    // Two pull requests on one service at once, and combined.
    const combined = await ask(cluster, { selector: `api=${n},store=${m}` });
    assert.deepEqual(combined.hops, [`api@${n}`, `store@${m}`]);
    for (const { number } of [both, backend]) await cluster.github.close(shop, number);
    await allGone(cluster, [
      namespaceOf(both, "api"),
      namespaceOf(both, "store"),
      namespaceOf(backend, "store"),
    ]);
  });

  it("a list combines pull requests of two repositories", async () => {
    const { cluster } = suite;
    const front = await open(cluster, web);
    const back = await open(cluster, shop);
    await publishAndLabel(cluster, front, ["web"]);
    await publishAndLabel(cluster, back, ["store"]);
    const selector = `store=${back.number},web=${front.number}`;
    await askUntil(cluster, { selector, path: "/api/items" }, servedBy("api", `store@${back.number}`));
    await askUntil(cluster, { selector, path: "/version" }, servedBy(`web@${front.number}`));
    await cluster.github.close(web, front.number);
    await cluster.github.close(shop, back.number);
    await allGone(cluster, [namespaceOf(front, "web"), namespaceOf(back, "store")]);
  });

  it("a share link needs no header, and answers 404 when its pull request is closed", async () => {
    const { cluster } = suite;
    const pullRequest = await open(cluster, shop);
    await publishAndLabel(cluster, pullRequest, ["store"]);
    const host = `store-pr-${pullRequest.number}.${EDGE_HOST}`;
    const hops = ["api", `store@${pullRequest.number}`];
    const answer = await askUntil(cluster, { host }, servedBy(...hops));
    assert.equal(answer.echo, `store=${pullRequest.number}`);
    assert.deepEqual((await ask(cluster, { host, selector: "web=1" })).hops, hops);
    await cluster.github.close(shop, pullRequest.number);
    await allGone(cluster, [namespaceOf(pullRequest, "store")]);
    await askUntil(cluster, { host }, ({ status }) => status === 404);
  });

  it("taking the label away is as good as closing", async () => {
    const { cluster } = suite;
    const pullRequest = await open(cluster, shop);
    await publishAndLabel(cluster, pullRequest, ["api", "store"]);
    const selector = String(pullRequest.number);
    await askUntil(cluster, { selector }, servedBy(`api@${selector}`, `store@${selector}`));
    await cluster.github.unlabel(shop, pullRequest.number, "canary/api");
    await allGone(cluster, [namespaceOf(pullRequest, "api")]);
    await askUntil(cluster, { selector }, servedBy("api", `store@${selector}`));
    await cluster.github.close(shop, pullRequest.number);
    await allGone(cluster, [namespaceOf(pullRequest, "store")]);
  });

  it("an image that is pushed before its label is there: a label alone waits for nothing", async () => {
    const { cluster } = suite;
    const pullRequest = await open(cluster, shop);
    await publishImage(cluster, pullRequest, "api");
    assert.deepEqual((await ask(cluster, { selector: String(pullRequest.number) })).hops, ["api", "store"]);
    await cluster.github.close(shop, pullRequest.number);
  });
});
