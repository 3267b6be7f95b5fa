import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, askUntil, servedBy } from "./support/edge.ts";
import { REPOSITORIES } from "./support/perch-yaml.ts";
import { namespaceOf, open, publishImage } from "./support/pull-requests.ts";
import { allGone } from "./support/residue.ts";
import { useCluster } from "./support/suite.ts";

const { shop } = REPOSITORIES;

/** Milliseconds. */
const LATE = 4 * 60_000;

describe("a late image on a real cluster", () => {
  const suite = useCluster();

  it("an image that comes four minutes late is taken up", { timeout: 900_000 }, async () => {
    const { cluster } = suite;
    const late = await open(cluster, shop);
    await cluster.github.label(shop, late.number, "canary/api");
    const labelledAt = Date.now();
    const selector = String(late.number);
    await askUntil(cluster, { selector }, ({ status }) => status === 503);
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
