import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plan, variantName } from "@perch/core";
import fc from "fast-check";
import { commit, observed, pullRequest, shop } from "./support.ts";

const names = (config: ReturnType<typeof shop>, ...observations: Parameters<typeof plan>[1]) =>
  plan(config, observations).variants.map(
    ({ variant, revision }) => `${variantName(variant)}@${revision[0]}`,
  );

describe("plan", () => {
  it("wants nothing of a repository that was never seen", () => {
    assert.deepEqual(plan(shop(), []), {
      variants: [],
      pullRequests: [],
      unseen: new Set(["acme/shop"]),
    });
  });

  it("wants stable of every service at the default branch's head", () => {
    assert.deepEqual(names(shop(), observed(commit("a"))), ["api@a", "store@a"]);
  });

  it("gives a canary only to the service whose paths changed", () => {
    const observation = observed(commit("a"), pullRequest(1, commit("b"), ["services/store/src/main.ts"]));
    assert.deepEqual(names(shop(), observation), ["api@a", "store@a", "store-canary-pr-1@b"]);
  });

  it("gives a canary to every service that lists a shared path", () => {
    const observation = observed(
      commit("a"),
      pullRequest(2, commit("b"), ["packages/header/x.ts", "services/store"]),
    );
    assert.deepEqual(names(shop(), observation), [
      "api@a",
      "store@a",
      "api-canary-pr-2@b",
      "store-canary-pr-2@b",
    ]);
  });

  it("does not take a folder for its prefix", () => {
    const { pullRequests, variants } = plan(shop(), [
      observed(commit("a"), pullRequest(3, commit("b"), ["services/api-docs/x"])),
    ]);
    assert.equal(variants.length, 2);
    assert.match(pullRequests[0]?.skipped ?? "", /changes no path/);
  });

  it("keeps to canary.maxOpen, the newest first, and says why the others have none", () => {
    const prs = [1, 2, 3].map((number) => pullRequest(number, commit("b"), ["services/api/x"]));
    const { pullRequests } = plan(shop("canary: { maxOpen: 2 }"), [observed(commit("a"), ...prs)]);
    assert.deepEqual(
      pullRequests.map(({ pullRequest: { number }, services }) => [number, services.length]),
      [
        [1, 0],
        [2, 1],
        [3, 1],
      ],
    );
    assert.match(pullRequests[0]?.skipped ?? "", /maxOpen/);
  });

  it("never wants a variant twice, whatever the order of observations", () => {
    const anyPullRequest = fc.record({
      number: fc.integer({ min: 1, max: 30 }),
      head: fc.constantFrom(commit("b"), commit("c")),
      path: fc.constantFrom("services/api/x", "services/store/y", "packages/header/z", "docs/x"),
    });
    const unique = fc.uniqueArray(anyPullRequest, { selector: ({ number }) => number });
    fc.assert(
      fc.property(unique, (prs) => {
        const all = names(
          shop(),
          observed(commit("a"), ...prs.map((p) => pullRequest(p.number, p.head, [p.path]))),
        );
        assert.equal(new Set(all).size, all.length);
      }),
    );
  });
});
