import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { revisionOf } from "@perch/core";
import { execa } from "execa";
import { ask, askUntil, servedBy } from "./support/edge.ts";
import { REGISTRY, withWorktree } from "./support/environment.ts";
import { startLoad } from "./support/load.ts";
import { EDGE_HOST, REPOSITORIES } from "./support/perch-yaml.ts";
import { namespaceOf, open, publishAndLabel, publishImage, push } from "./support/pull-requests.ts";
import { allGone, residue } from "./support/residue.ts";
import { useEnvironment } from "./support/suite.ts";

const { shop, web } = REPOSITORIES;

describe("the life of a pull request on a real cluster", () => {
  const suite = useEnvironment();

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

  it("a push rolls without a failed request, also back to an earlier commit", async () => {
    const { cluster } = suite;
    const first = await open(cluster, shop);
    await publishAndLabel(cluster, first, ["api"]);
    const selector = String(first.number);
    const isServed = servedBy(`api@${selector}`, "store");
    await askUntil(cluster, { selector }, isServed);
    const load = startLoad(cluster, { selector }, isServed);
    const second = await push(cluster, first, ["api"]);
    await askUntil(cluster, { selector }, ({ revisions }) => revisions[0] === revisionOf(second.head));
    await cluster.github.push(shop, first.number, first.head);
    await askUntil(cluster, { selector }, ({ revisions }) => revisions[0] === revisionOf(first.head));
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.ok(load.answers.length > 50, String(load.answers.length));
    await cluster.github.close(shop, first.number);
    await allGone(cluster, [namespaceOf(first, "api")]);
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

  it("leaves nothing behind, as perch residue --cluster says", async () => {
    const { cluster } = suite;
    assert.deepEqual(await residue(cluster), { code: 0, text: "Nothing is left." });
    await cluster.kubectl(["create", "namespace", "store-canary-pr-999"]);
    const found = await residue(cluster);
    await cluster.kubectl(["delete", "namespace", "store-canary-pr-999"]);
    assert.deepEqual(found, {
      code: 1,
      text: "store-canary-pr-999  Namespace/store-canary-pr-999: no Application owns it",
    });
  });

  it("promotion rolls stable without a failed request", async () => {
    const { cluster } = suite;
    const tag = `v${Date.now()}`;
    await cluster.tagImage(`${REGISTRY}/api:main`, `${REGISTRY}/api:${tag}`);
    const load = startLoad(cluster, {}, ({ status }) => status === 200);
    await bumpTag(await cluster.git.ensure(REPOSITORIES.environment), "api", tag);
    await cluster.kubectl([
      ...["annotate", "application", "shop-stable-api", "--namespace=argocd", "--overwrite"],
      "argocd.argoproj.io/refresh=normal",
    ]);
    // A selector that nothing answers to is stable's, and its trail tells the revision.
    await askUntil(cluster, { selector: "9999999999" }, ({ revisions }) => revisions[0] === tag, {
      seconds: 120,
    });
    await cluster.kubectl(["rollout", "status", "deployment/api", "--namespace=apps", "--timeout=60s"]);
    await load.stop();
    assert.deepEqual(load.failures, []);
  });

  it("an image that is pushed before its label is there: a label alone waits for nothing", async () => {
    const { cluster } = suite;
    const pullRequest = await open(cluster, shop);
    await publishImage(cluster, pullRequest, "api");
    assert.deepEqual((await ask(cluster, { selector: String(pullRequest.number) })).hops, ["api", "store"]);
    await cluster.github.close(shop, pullRequest.number);
  });
});

/** What `perch promote` does: one line of the environment repository. */
async function bumpTag(bare: string, service: string, tag: string): Promise<void> {
  await withWorktree(bare, "main", async (folder) => {
    const path = join(folder, "manifests", "stable", service, "kustomization.yaml");
    const { stdout: before } = await execa("cat", [path]);
    await writeFile(path, `${before.replace(/newTag: .*/, `newTag: ${tag}`)}\n`);
    await execa("git", ["commit", "--quiet", "--all", "--message", `Promote ${service} to ${tag}`], {
      cwd: folder,
    });
    await execa("git", ["push", "--quiet", "origin", "HEAD:refs/heads/main"], { cwd: folder });
  });
}
