import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  canaryUrl,
  endedStatus,
  environmentName,
  planDeployment,
  shortReason,
  standingStatus,
} from "@perch/core";
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

  it("does not start again what the cluster has called broken, but does what did not build", () => {
    const failed = (description: string) => [
      {
        ...deployment(1, "failure"),
        status: { state: "failure" as const, description, environmentUrl: "", logUrl: "" },
      },
    ];
    for (const said of [
      "Its manifests do not build: invalid Kustomization",
      "The cluster refuses its manifests: Deployment api: a canary has no priority over others;",
      "The canary does not become healthy: the log of its pods says why.",
    ]) {
      assert.equal(planDeployment(failed(said), HEAD, wanted("in_progress")).status, undefined, said);
      assert.equal(planDeployment(failed(said), HEAD, wanted("success")).status?.state, "success");
    }
    const again = planDeployment(failed("The image did not build."), HEAD, wanted("in_progress"));
    assert.equal(again.status?.state, "in_progress");
  });

  it("says again what the cluster had said, where a beginning was written over it", () => {
    const [begun, serves] = [wanted("in_progress"), wanted("success")];
    const hidden = { ...deployment(1, ""), ...standingStatus([begun, wanted("queued"), serves]) };
    assert.deepEqual([hidden.status, hidden.isHidden], [serves, true]);
    assert.deepEqual(planDeployment([hidden], HEAD, begun).status, serves);
    const twins = [deployment(1, "in_progress"), deployment(2, "success")];
    assert.equal(planDeployment(twins, HEAD, begun).status?.state, "success");
  });

  it("begins anew after a close, and after an image that did not build", () => {
    const begun = wanted("in_progress");
    assert.deepEqual(standingStatus([]), {});
    for (const before of [
      [wanted("inactive"), wanted("success")],
      [wanted("failure", "The image did not build.")],
    ]) {
      assert.deepEqual(standingStatus([begun, ...before]), { status: begun });
      const ended = { ...deployment(1, ""), ...standingStatus(before) };
      assert.equal(planDeployment([ended], HEAD, begun).status, begun);
    }
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
