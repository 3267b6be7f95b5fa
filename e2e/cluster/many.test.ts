import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { revisionOf } from "@perch/core";
import { askUntil, servedBy } from "./support/edge.ts";
import { REPOSITORIES } from "./support/perch-yaml.ts";
import { lookAgain, namespaceOf, open, publishAndLabel } from "./support/pull-requests.ts";
import { allGone } from "./support/residue.ts";
import { useCluster } from "./support/suite.ts";

const { shop } = REPOSITORIES;

describe("many canaries on a real cluster", () => {
  const suite = useCluster();

  it("fifty pull requests at once all serve, and all go", async () => {
    const { cluster } = suite;
    const pullRequests = [];
    for (let n = 0; n < 50; n += 1) pullRequests.push(await open(cluster, shop));
    for (const one of pullRequests) await publishAndLabel(cluster, one, ["api"]);
    await lookAgain(cluster);
    for (const { number, head } of pullRequests) {
      const { revisions } = await askUntil(
        cluster,
        { selector: String(number) },
        servedBy(`api@${number}`, "store"),
      );
      assert.equal(revisions[0], revisionOf(head));
    }
    for (const { number } of pullRequests) await cluster.github.close(shop, number);
    await lookAgain(cluster);
    await allGone(
      cluster,
      pullRequests.map((one) => namespaceOf(one, "api")),
    );
  });
});
