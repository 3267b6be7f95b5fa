import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verdict } from "../../src/try/verdict.ts";

describe("the verdict of a try", () => {
  it("names the canaries that served", () => {
    const hops = [{ service: "api" }, { service: "store", pr: 1 }, { service: "store", pr: 1 }];
    assert.deepEqual(verdict({ status: 200, trail: { hops } }, "1"), {
      good: true,
      text: "Served by the canary store of PR 1.",
    });
  });

  it("warns when stable served everywhere although a canary was asked for", () => {
    const { good, text } = verdict({ status: 200, trail: { hops: [{ service: "api" }] } }, "99");
    assert.deepEqual([good, /^Stable served every hop/.test(text)], [false, true]);
    const unreachable = { hops: [{ service: "store", pr: 1, note: "unreachable" as const }] };
    assert.equal(verdict({ status: 200, trail: unreachable }, "1").good, false);
  });

  it("says of a canary that is not ready that stable does not answer in its place", () => {
    assert.match(verdict({ status: 503 }, "1").text, /not ready/);
    assert.match(verdict({ status: 200 }, "1").text, /No hop trail/);
  });

  it("expects no trail where no selector was sent", () => {
    assert.equal(verdict({ status: 200 }, "").good, true);
    assert.equal(verdict({ status: 500 }, "").good, false);
  });
});
