import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canaryUrl, endedStatus, environmentName, planDeployment, shortReason } from "@perch/core";
import fc from "fast-check";
import { config, deployment, EARLIER, HEAD, service } from "./support.ts";

const wanted = (state: string, description = "") => ({ state, description, environmentUrl: "", logUrl: "" });

describe("a canary's deployment", () => {
  it("is in an environment called like its namespace, at its share link", () => {
    assert.equal(environmentName("store", 45), "store-canary-pr-45");
    assert.equal(canaryUrl(config(), "api", 7), "https://pr-7.dev.example.com/");
    const several = config({
      api: service("a", { edge: "/shop" }),
      web: { ...service("w"), repo: "acme/web" },
    });
    assert.equal(canaryUrl(several, "api", 7), "https://api-pr-7.dev.example.com/shop");
  });

  it("is made where there is none, and left alone where it is as wanted", () => {
    assert.equal(planDeployment([], HEAD, wanted("queued")).id, undefined);
    const plan = planDeployment([deployment(3, "queued")], HEAD, wanted("queued"));
    assert.deepEqual(plan, { id: 3, status: undefined, duplicates: [], ended: [] });
  });

  it("keeps the oldest of those that runs made at the same time", () => {
    const plan = planDeployment([deployment(5, "queued"), deployment(4, "queued")], HEAD, wanted("queued"));
    assert.deepEqual([plan.id, plan.duplicates], [4, [5]]);
  });

  it("replaces those of earlier heads, but for one that serves until it serves itself", () => {
    const existing = [
      deployment(9, "in_progress"),
      deployment(3, "failure", { sha: EARLIER }),
      deployment(2, "success", { sha: EARLIER }),
    ];
    assert.deepEqual(planDeployment(existing, HEAD, wanted("failure")).ended, [3]);
    assert.deepEqual(planDeployment(existing, HEAD, wanted("success")).ended, [3, 2]);
  });

  it("does not start again what the cluster has called serving, and fails it where it fails", () => {
    const serving = [deployment(1, "success")];
    assert.equal(planDeployment(serving, HEAD, wanted("in_progress")).status, undefined);
    assert.equal(planDeployment(serving, HEAD, wanted("error")).status?.state, "error");
  });

  it("ends once: why it ended first stays", () => {
    assert.equal(planDeployment([deployment(1, "inactive")], HEAD, endedStatus("again")).status, undefined);
  });
});

describe("a reason", () => {
  it("is one line of at most 140 characters without anything that is not printed", () => {
    assert.equal(shortReason("  the image\ndid \u0007 not\tbuild "), "the image did not build");
    assert.equal(shortReason("x".repeat(141)), `${"x".repeat(139)}…`);
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        const reason = shortReason(text);
        assert.ok([...reason].length <= 140);
        assert.doesNotMatch(reason, /[\r\n\p{C}]/u);
      }),
    );
  });
});
