import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { residue } from "../support/residue.ts";
import { useCluster } from "../support/suite.ts";

describe("residue on a real cluster", () => {
  const suite = useCluster();

  it("all those pull requests left nothing, as perch residue --cluster says", async () => {
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
});
