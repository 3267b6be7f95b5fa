import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Instance, plan, type SourceStatus, status } from "@perch/core";
import { commit, instance, observed, pullRequest, shop } from "./support.ts";

const config = shop();
const source: SourceStatus = { repo: "acme/shop", remote: "origin", lastSeen: 1 };
const wanted = plan(config, [observed(commit("a"), pullRequest(7, commit("b"), ["services/api/x"]))]);
const store = instance({ id: "store", variant: { service: "store" } });
const canary = (change: Partial<Instance>) =>
  instance({ id: "canary", variant: { service: "api", pr: 7 }, commit: commit("b"), ...change });
const failure = {
  code: "BUILD_FAILED",
  message: "The build failed.",
  hint: "Read the log.",
  fault: "pull-request",
  at: 5,
  logTail: ["x"],
} as const;

function statusOf(
  instances: readonly Instance[],
  sources: readonly SourceStatus[] = [source],
  seen = wanted,
) {
  return status({
    config,
    plan: seen,
    instances,
    sources,
    engine: { version: "0", pid: 1, startedAt: 0, stateDir: "/s" },
    edge: {
      url: "http://localhost:8080",
      listening: ["127.0.0.1:8080"],
      secure: false,
      tryPath: "/api/items",
    },
    apex: new Map([["store", "127.0.0.1:7000"]]),
    problems: [],
  });
}

describe("status", () => {
  it("shows each variant, its selector and its share link", () => {
    const [api, storeStatus] = statusOf([instance(), store, canary({})]).services;
    assert.equal(api?.stable.state, "ready");
    assert.deepEqual(
      api?.canaries.map(({ pr, selector, shareLink, revision }) => ({ pr, selector, shareLink, revision })),
      [{ pr: 7, selector: "7", shareLink: "http://pr-7.localhost:8080/", revision: "bbbbbbbbbbbb" }],
    );
    assert.equal(storeStatus?.apex, "127.0.0.1:7000");
  });

  it("shows what serves and what is on its way beside it", () => {
    const old = canary({ id: "old", commit: commit("c") });
    const [api] = statusOf([instance(), store, old, canary({ state: "building" })]).services;
    assert.equal(api?.canaries[0]?.revision, "cccccccccccc");
    assert.deepEqual(api?.canaries[0]?.next?.state, "building");
  });

  it("says what failed and what to do while the old revision serves", () => {
    const old = canary({ id: "old", commit: commit("c") });
    const now = statusOf([instance(), store, old, canary({ state: "failed", failure })]);
    assert.equal(now.services[0]?.canaries[0]?.state, "ready");
    assert.deepEqual(now.problems, [
      {
        code: "BUILD_FAILED",
        message: "The build failed.",
        hint: "Read the log.",
        fault: "pull-request",
        variant: "api-canary-pr-7",
      },
    ]);
  });

  it("is settled when all that is wanted is ready or failed, and not before", () => {
    assert.equal(statusOf([instance(), store, canary({})]).settled, true);
    assert.equal(statusOf([instance(), store, canary({ state: "failed", failure })]).settled, true);
    assert.equal(statusOf([instance(), store, canary({ state: "building" })]).settled, false);
    assert.equal(statusOf([instance(), store]).settled, false);
    assert.equal(statusOf([], [{ repo: "acme/shop", remote: "origin" }]).settled, false);
  });

  it("is settled where a source failed before it was ever read, and not where one answered a moment ago", () => {
    const nothing = plan(config, []);
    const error = { code: "SOURCE_UNREACHABLE", message: "no", hint: "", fault: "environment" } as const;
    assert.equal(statusOf([], [{ repo: "acme/shop", remote: "origin", error }], nothing).settled, true);
    assert.equal(statusOf([], [source], nothing).settled, false);
  });

  it("reports a source that does not answer first", () => {
    const error = {
      code: "SOURCE_UNREACHABLE",
      message: "gone",
      hint: "wait",
      fault: "environment",
    } as const;
    const now = statusOf([instance(), store, canary({ state: "failed", failure })], [{ ...source, error }]);
    assert.deepEqual(
      now.problems.map(({ code }) => code),
      ["SOURCE_UNREACHABLE", "BUILD_FAILED"],
    );
  });
});
