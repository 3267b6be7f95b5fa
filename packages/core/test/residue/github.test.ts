import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type GithubInventory, githubResidue, silentEnvironments } from "@perch/core";
import { config, deployment } from "../ci/support.ts";

const DAY = 86_400_000;
const NOW = 100 * DAY;

function residue(change: Partial<GithubInventory>, canary: object = {}) {
  const inventory = { repo: "acme/shop", open: [], closed: [], deployments: [], ...change };
  return githubResidue(config(undefined, { canary }), inventory, NOW).map(
    ({ kind, pr, name, reason }) => `${kind} ${pr} ${name}: ${reason}`,
  );
}

describe("what is left at GitHub", () => {
  it("is a gate label of a closed pull request, and a deployment of one that has not ended", () => {
    const found = residue({
      open: [{ number: 8, labels: [] }],
      closed: [{ number: 7, labels: ["bug", "canary/api"] }],
      deployments: [
        deployment(1, "success"),
        deployment(2, "inactive"),
        deployment(3, "success", { environment: "api-canary-pr-8", createdAt: NOW }),
        deployment(4, "success", { environment: "production" }),
      ],
    });
    assert.deepEqual(found, [
      "label 7 canary/api: the pull request is closed",
      "deployment 7 api-canary-pr-7: the pull request is closed",
    ]);
  });

  it("is the labels of the oldest beyond canary.maxOpen", () => {
    const open = [9, 8, 7].map((number) => ({ number, labels: number === 8 ? [] : ["canary/api"] }));
    assert.deepEqual(residue({ open }, { maxOpen: 1 }), [
      "label 7 canary/api: 1 newer pull requests have canaries (canary.maxOpen)",
    ]);
  });

  it("is the labels of one without a push since canary.ttl, by its newest deployment", () => {
    const open = [{ number: 7, labels: ["canary/api"] }];
    const at = (createdAt: number) => ({ open, deployments: [deployment(1, "success", { createdAt })] });
    assert.deepEqual(residue(at(NOW - 8 * DAY)), ["label 7 canary/api: no push since canary.ttl"]);
    assert.deepEqual(residue(at(NOW - 6 * DAY)), []);
    assert.deepEqual(residue({ open }), []);
  });

  it("is asked for one by one where a labelled pull request has no deployment among the newest", () => {
    const open = [
      { number: 9, labels: ["bug"] },
      { number: 8, labels: ["canary/api", "canary/store", "bug", "canary/No Name"] },
      { number: 7, labels: ["canary/api", "canary/store"] },
    ];
    // That of one service tells of the last push: it made all of them.
    const deployments = [deployment(1, "success")];
    assert.deepEqual(silentEnvironments({ open, deployments }), ["api-canary-pr-8", "store-canary-pr-8"]);
  });

  it("is nothing where all is as it should be", () => {
    assert.deepEqual(residue({}), []);
  });
});
