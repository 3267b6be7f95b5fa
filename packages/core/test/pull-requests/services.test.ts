import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canaryServices, type PullRequestGate } from "@perch/core";
import fc from "fast-check";
import { commit, pullRequest, shop } from "../support.ts";

const BOTH = ["services/api/x", "services/store/y"];
const of = (change: Partial<PullRequestGate>, paths: readonly string[] = BOTH) => {
  const gate = { labels: [], isDraft: false, isFork: false, vouched: [], ...change };
  return canaryServices(shop(), { ...pullRequest(1, commit("b"), paths), gate });
};

describe("the services that get a canary", () => {
  it("are all that are changed, where the source knows no labels", () => {
    assert.deepEqual(canaryServices(shop(), pullRequest(1, commit("b"), BOTH)).services, ["api", "store"]);
  });

  it("are all that are changed with the label canary, and those named with canary/<service>", () => {
    assert.deepEqual(of({ labels: ["canary"] }).services, ["api", "store"]);
    assert.deepEqual(of({ labels: ["canary/store", "bug"] }).services, ["store"]);
    assert.deepEqual(of({ labels: ["canary/store", "canary/api"] }).services, ["api", "store"]);
  });

  it("are never those that are not changed", () => {
    assert.deepEqual(of({ labels: ["canary", "canary/store"] }, ["services/api/x"]).services, ["api"]);
    assert.match(
      of({ labels: ["canary/store"] }, ["services/api/x"]).skipped ?? "",
      /changes api, and its labels/,
    );
    assert.match(of({ labels: ["canary"] }, ["docs/x"]).skipped ?? "", /changes no path/);
  });

  it("are none without a label, and no label is taken for another", () => {
    for (const labels of [[], ["Canary"], ["canaries"], ["canary-store"], [" canary"]])
      assert.match(of({ labels }).skipped ?? "", /has no label canary/);
    for (const labels of [["canary/"], ["canary/other"], ["canary/store/x"], ["canary/STORE"]])
      assert.deepEqual(of({ labels }).services, []);
  });

  it("are those of a draft or a fork whose labels somebody vouches for, and the reason says what to do", () => {
    assert.deepEqual(of({ labels: ["canary"], vouched: ["canary"], isFork: true }).services, [
      "api",
      "store",
    ]);
    const some = { labels: ["canary", "canary/store"], vouched: ["canary/store"], isDraft: true };
    assert.deepEqual(of(some).services, ["store"]);
    assert.match(of({ labels: ["canary"], isDraft: true }).skipped ?? "", /is a draft: .*write access/);
    assert.match(of({ labels: ["canary"], isFork: true }).skipped ?? "", /from a fork: .*after each push/);
  });

  it("are never more with less trust", () => {
    const label = fc.constantFrom("canary", "canary/api", "canary/store", "bug");
    const gates = fc.record({
      labels: fc.uniqueArray(label),
      vouched: fc.uniqueArray(label),
      isDraft: fc.boolean(),
      isFork: fc.boolean(),
    });
    fc.assert(
      fc.property(gates, (gate) => {
        const vouched = gate.vouched.filter((one) => gate.labels.includes(one));
        const strict = of({ ...gate, vouched, isFork: true }).services;
        const free = of({ ...gate, vouched, isFork: false, isDraft: false }).services;
        assert.ok(strict.every((service) => free.includes(service)));
      }),
    );
  });
});
