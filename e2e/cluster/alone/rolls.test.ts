import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { revisionOf, withStableTag } from "@perch/core";
import { execa } from "execa";
import { askUntil, servedBy } from "../support/edge.ts";
import { REGISTRY, withWorktree } from "../support/environment.ts";
import { startLoad } from "../support/load.ts";
import { PATIENCE } from "../support/patience.ts";
import { REPOSITORIES } from "../support/perch-yaml.ts";
import { namespaceOf, open, publishAndLabel, push } from "../support/pull-requests.ts";
import { allGone } from "../support/residue.ts";
import { useCluster } from "../support/suite.ts";

const { shop } = REPOSITORIES;

// Alone: routers follow endpoints within the three seconds that a pod waits before it ends, if they get a processor.
describe("rolls on a real cluster", () => {
  const suite = useCluster();
  // A story before this one may have lost a node: what ran there is settled again.
  before(async () => {
    for (const namespace of ["traefik", "apps"]) {
      const names = await suite.cluster.kubectl([
        "get",
        "deployments",
        `--namespace=${namespace}`,
        "--output=name",
      ]);
      for (const name of names.split("\n").filter((line) => line !== ""))
        await suite.cluster.kubectl([
          "rollout",
          "status",
          name,
          `--namespace=${namespace}`,
          `--timeout=${PATIENCE}s`,
        ]);
    }
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
    await askUntil(cluster, { selector: "9999999999" }, ({ revisions }) => revisions[0] === tag);
    await cluster.kubectl([
      "rollout",
      "status",
      "deployment/api",
      "--namespace=apps",
      `--timeout=${PATIENCE}s`,
    ]);
    await load.stop();
    assert.deepEqual(load.failures, []);
  });
});

/** What `perch promote` does: one line of the environment repository. */
async function bumpTag(bare: string, service: string, tag: string): Promise<void> {
  await withWorktree(bare, "main", async (folder) => {
    const path = join(folder, "manifests", "stable", service, "kustomization.yaml");
    await writeFile(path, withStableTag(await readFile(path, "utf8"), service, tag, path));
    await execa("git", ["commit", "--quiet", "--all", "--message", `Promote ${service} to ${tag}`], {
      cwd: folder,
    });
    await execa("git", ["push", "--quiet", "origin", "HEAD:refs/heads/main"], { cwd: folder });
  });
}
