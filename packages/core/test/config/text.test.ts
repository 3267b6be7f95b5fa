import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import { describe as describeValue, didYouMean, formatPath, quote, someOf } from "../../src/config/text.ts";

describe("quote", () => {
  it("is printable whatever it is given, and short", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        assert.match(quote(text), /^"[ -~…]*"$/);
        assert.ok(quote(text).length <= 400);
      }),
    );
  });
});

test("formatPath joins keys by dots, puts indexes in brackets and quotes keys that are no plain words", () => {
  assert.equal(formatPath(["services", "api", "paths", 1]), "services.api.paths[1]");
  assert.equal(formatPath(["a b", "\u001b"]), '"a b"."\\u001b"');
  assert.equal(formatPath([]), "");
});

test("describe names kinds, and shows small values", () => {
  assert.deepEqual([undefined, null, "x", 5, true, [], [1], {}, { a: 1 }].map(describeValue), [
    "nothing",
    "nothing",
    '"x"',
    "5",
    "true",
    "an empty list",
    "a list",
    "an empty map",
    "a map",
  ]);
});

describe("didYouMean", () => {
  const known = ["readyTimeout", "stopTimeout", "env"];

  it("finds the nearest word, whatever its case and separators", () => {
    assert.equal(didYouMean("readyTimout", known), 'did you mean "readyTimeout"?');
    assert.equal(didYouMean("READY_TIMEOUT", known), 'did you mean "readyTimeout"?');
    assert.equal(didYouMean("envs", known), 'did you mean "env"?');
  });

  it("says nothing when no word is near", () => {
    assert.equal(didYouMean("replicas", known), undefined);
    assert.equal(didYouMean("env", []), undefined);
  });
});

test("someOf tells how many words it leaves out", () => {
  const words = Array.from({ length: 14 }, (_, i) => `w${i}`);
  assert.match(someOf(words), /^"w0", .*"w11" and 2 more$/);
  assert.equal(someOf(["a", "b"]), '"a", "b"');
});
