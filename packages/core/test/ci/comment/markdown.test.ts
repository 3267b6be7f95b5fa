import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { code, link } from "../../../src/ci/comment/markdown.ts";

describe("text of others in a comment", () => {
  it("is inline code, in which nothing is a mention, a link or a tag", () => {
    assert.equal(code("@acme/all <img src=x> [a](b)"), "`@acme/all <img src=x> [a](b)`");
  });

  it("cannot end its code, whatever backticks it has", () => {
    assert.equal(code("a ``` b"), "````a ``` b````");
    assert.equal(code("`x`"), "`` `x` ``");
  });

  it("is one line in one cell", () => {
    assert.equal(code("a\n| b |\r\nc"), "`a \\| b \\| c`");
  });

  it("keeps the rules for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("`", "|", "\n", "a", " ", "@", "\u202e") }), (text) => {
        const shown = code(text);
        assert.doesNotMatch(shown, /[\n\u202e]/);
        assert.doesNotMatch(shown, /(?<!\\)\|/);
        if (shown === "") return;
        const fence = /^`+/.exec(shown)?.[0] ?? "";
        const inner = shown.slice(fence.length, -fence.length);
        assert.ok(!inner.split(/[^`]+/).includes(fence), shown);
      }),
    );
  });
});

describe("a link", () => {
  it("leads to the web, and nothing in its address ends it", () => {
    assert.equal(link("log", "https://x.example/a(b)>c|d"), "[log](<https://x.example/a%28b%29%3Ec%7cd>)");
  });

  it("is its text alone for any other address", () => {
    for (const address of [
      "javascript:alert(1)",
      "data:text/html,x",
      "x",
      "",
      "https://user:pw@x.example/",
    ]) {
      assert.equal(link("log", address), "log", address);
    }
  });
});
