import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseLsRemote } from "../../src/pull-requests/git/ls-remote.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);

describe("the output of git ls-remote", () => {
  it("gives the default branch's commit and every pull request's head", () => {
    const heads = parseLsRemote(`${A}\tHEAD\n${B}\trefs/pull/7/head\n`);
    assert.equal(heads?.defaultHead, A);
    assert.deepEqual([...(heads?.pullRequests ?? [])], [[7, B]]);
  });

  it("is not an answer without HEAD, so that half of one closes no canary", () => {
    assert.equal(parseLsRemote(`${B}\trefs/pull/7/head\n`), undefined);
    assert.equal(parseLsRemote(""), undefined);
  });

  it("ignores refs that only look like pull requests", () => {
    const refs = [
      "refs/pull/07/head",
      "refs/pull/7/merge",
      "refs/pull/7/head/x",
      "refs/pull/-1/head",
      "refs/pull/12345678901/head",
    ];
    const heads = parseLsRemote([`${A}\tHEAD`, ...refs.map((ref) => `${B}\t${ref}`)].join("\n"));
    assert.equal(heads?.pullRequests.size, 0);
  });

  it("never throws, whatever a remote says", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => void parseLsRemote(`${A}\tHEAD\n${text}`)),
    );
  });
});
