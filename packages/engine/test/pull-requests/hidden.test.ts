import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startHidden } from "../../src/pull-requests/github/hidden.ts";

const pullRequest = (number: number) => ({
  repo: "acme/test",
  number,
  head: "a".repeat(40),
  title: "",
  changedPaths: [],
});

describe("a pull request that GitHub has no more", () => {
  it("stays for an hour without a break, and counts as closed then", () => {
    let now = 0;
    const hidden = startHidden("acme/test", () => now);
    const [one, two] = [pullRequest(1), pullRequest(2)];
    assert.deepEqual(hidden.note([one]), [one]);
    now = 3_599_999;
    assert.deepEqual(hidden.note([one, two]), [one, two]);
    assert.match(hidden.problem()?.message ?? "", /has no pull request 1, 2 of/);
    now += 1;
    assert.deepEqual(hidden.note([one, two]), [two]);
    hidden.note([]);
    assert.equal(hidden.problem(), undefined);
    assert.deepEqual(hidden.note([one]), [one], "it was there in between");
  });

  it("is asked for again after a minute only", () => {
    let now = 0;
    const hidden = startHidden("acme/test", () => now);
    assert.equal(hidden.isKnown(1), false);
    hidden.note([pullRequest(1)]);
    now = 30_000;
    hidden.note([pullRequest(1)]);
    now = 59_999;
    assert.equal(hidden.isKnown(1), true);
    now += 1;
    assert.equal(hidden.isKnown(1), false);
  });
});
