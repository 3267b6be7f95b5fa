import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatSelector, listSelector, parseSelector, prSelector } from "@perch/header";
import fc from "fast-check";
import { nearSelectors, prNumbers, serviceNames } from "../arbitraries.ts";

describe("prSelector", () => {
  it("selects a PR of every service", () => assert.deepEqual(prSelector(123), { kind: "pr", pr: 123 }));

  for (const pr of [0, -1, 1.5, 10_000_000_000, Number.NaN, "7" as unknown as number]) {
    it(`refuses ${JSON.stringify(pr)} and says what a PR is`, () => {
      assert.throws(() => prSelector(pr), {
        name: "RangeError",
        message: /whole number from 1 to 9999999999/,
      });
    });
  }
});

describe("listSelector", () => {
  it("selects a PR for each service", () => {
    const selector = listSelector([
      ["store", 45],
      ["api", 7],
    ]);
    assert.deepEqual(selector, {
      kind: "list",
      entries: new Map([
        ["api", 7],
        ["store", 45],
      ]),
    });
  });

  it("takes any iterable of pairs", () => {
    assert.equal(formatSelector(listSelector(new Map([["api", 7]]))), "api=7");
  });

  const refused: [title: string, entries: [string, number][], message: RegExp][] = [
    ["an empty list", [], /at least one service/],
    [
      "a service named twice",
      [
        ["api", 7],
        ["api", 8],
      ],
      /api is named twice/,
    ],
    ["a name outside the grammar", [["API", 7]], /lower-case letter.*"API"/],
    ["a name with the infix of canary names", [["a-canary-pr-1", 7]], /-canary-pr-/],
    ["a PR outside the grammar", [["api", 0]], /whole number from 1/],
    ["17 services", Array.from({ length: 17 }, (_, index) => [`s${index}`, 1]), /at most 16 services/],
    [
      "a list over 256 bytes",
      Array.from({ length: 7 }, (_, index) => [`${"a".repeat(39)}${index}`, 1]),
      /at most 256 bytes; this one has 300/,
    ],
  ];
  for (const [title, entries, message] of refused) {
    it(`refuses ${title}`, () => assert.throws(() => listSelector(entries), { name: "RangeError", message }));
  }

  it("shows a hostile name on one line and shortened", () => {
    assert.throws(
      () => listSelector([[`a\r\n\u001b[2J${"x".repeat(2 ** 20)}`, 1]]),
      (error: Error) => error.message.length < 400 && /^[ -~]+$/.test(error.message),
    );
  });

  it("makes only what parses, and refuses the rest by RangeError", () => {
    const pairs = fc.tuple(fc.oneof(serviceNames, nearSelectors), fc.oneof(prNumbers, fc.double()));
    fc.assert(
      fc.property(fc.array(pairs, { maxLength: 20 }), (entries) => {
        try {
          const selector = listSelector(entries);
          assert.deepEqual(parseSelector(formatSelector(selector)), { kind: "valid", selector });
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
        }
      }),
    );
  });
});
