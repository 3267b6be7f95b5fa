import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeChanges } from "../../src/output/changes.ts";
import { shopStatus, variant } from "../support.ts";

describe("what happened between two statuses", () => {
  it("is every variant at first, and then only what changed", () => {
    assert.equal(describeChanges(undefined, shopStatus()).length, 4);
    assert.deepEqual(describeChanges(shopStatus(), shopStatus()), []);
  });

  it("names a variant that closed", () => {
    const [api, store] = shopStatus().services;
    assert.ok(api !== undefined && store !== undefined);
    const after = shopStatus({ services: [{ ...api, canaries: [] }, store] });
    assert.deepEqual(describeChanges(shopStatus(), after), [
      "api-canary-pr-2: closed, nothing of it is left",
    ]);
  });

  it("names what serves and what comes next", () => {
    const [api, store] = shopStatus().services;
    assert.ok(api !== undefined && store !== undefined);
    const next = { revision: "bbbbbbbbbbbb", state: "building", since: 0 } as const;
    const after = shopStatus({ services: [{ ...api, stable: variant({ service: "api", next }) }, store] });
    assert.deepEqual(describeChanges(shopStatus(), after), [
      "api: ready aaaaaaaaaaaa, next bbbbbbbbbbbb building",
    ]);
  });

  it("tells a problem once, with what to do", () => {
    const problem = {
      code: "SOURCE_UNREACHABLE",
      message: "It is gone.",
      hint: "Wait.",
      fault: "environment",
    } as const;
    const after = shopStatus({ problems: [problem] });
    assert.deepEqual(describeChanges(shopStatus(), after), ["problem: It is gone. Wait."]);
    assert.deepEqual(describeChanges(after, after), []);
  });
});
