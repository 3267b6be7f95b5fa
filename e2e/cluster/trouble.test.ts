import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, askUntil, servedBy, servesOn } from "./support/edge.ts";
import { appendKustomization, replaceIn } from "./support/edits.ts";
import { REPOSITORIES } from "./support/perch-yaml.ts";
import { namespaceOf, open, publishAndLabel, push } from "./support/pull-requests.ts";
import { allGone } from "./support/residue.ts";
import { useCluster } from "./support/suite.ts";

const { shop } = REPOSITORIES;

/** A probe that never answers. */
const NEVER_READY = replaceIn("api", "deployment.yaml", "path: /readyz", "path: /never");
const MENDED = replaceIn("api", "deployment.yaml", "path: /never", "path: /readyz");

describe("a canary in trouble on a real cluster", { concurrency: true }, () => {
  const suite = useCluster();

  it("one that never gets ready answers 503, and holds up neither its next push nor its close", async () => {
    const { cluster } = suite;
    const broken = await open(cluster, shop, NEVER_READY);
    await publishAndLabel(cluster, broken, ["api"]);
    const selector = String(broken.number);
    await askUntil(cluster, { selector }, ({ status }) => status === 503);
    await servesOn(cluster, {}, []);
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
});
