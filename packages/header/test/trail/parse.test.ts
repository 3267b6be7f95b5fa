import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MAX_TRAIL_INPUT_BYTES, parseTrail, type Trail } from "@perch/header";
import fc from "fast-check";
import { countingReads } from "../counting.ts";

describe("parseTrail", () => {
  const taken: [title: string, value: string | string[], expected: Trail][] = [
    [
      "reads a canary and a stable hop",
      `"api";pr=7;rev="ab12cd34ef56", "store";rev="v1.4.0"`,
      {
        hops: [
          { service: "api", pr: 7, rev: "ab12cd34ef56" },
          { service: "store", rev: "v1.4.0" },
        ],
      },
    ],
    [
      "reads a call without an answer",
      `"store";note=unreachable`,
      { hops: [{ service: "store", note: "unreachable" }] },
    ],
    [
      "reads an invalid selector",
      `"api";note=invalid-selector`,
      { hops: [{ service: "api", note: "invalid-selector" }] },
    ],
    ["reads headers sent early", `"api";note=partial`, { hops: [{ service: "api", note: "partial" }] }],
    ["reads merged neighbours", `"store";n=3`, { hops: [{ service: "store", n: 3 }] }],
    ["takes n=1 as one hop", `"store";n=1`, { hops: [{ service: "store" }] }],
    ["reads the hops left out", `"api", "+";cut=12`, { hops: [{ service: "api" }], cut: 12 }],
    ["reads a trail of which all is cut", `"+";cut=2`, { hops: [], cut: 2 }],
    [
      "adds up the cuts of trails that were joined",
      `"a", "+";cut=2, "b", "+";cut=3`,
      { hops: [{ service: "a" }, { service: "b" }], cut: 5 },
    ],
    [
      "joins several lines",
      [`"api"`, `"store", "db"`],
      { hops: [{ service: "api" }, { service: "store" }, { service: "db" }] },
    ],
    ["ignores unknown parameters", `"api";zone="eu";pr=7;hot`, { hops: [{ service: "api", pr: 7 }] }],
    ["ignores an unknown note and keeps the hop", `"api";note=slow`, { hops: [{ service: "api" }] }],
    ["ignores a cut on a service", `"api";cut=3`, { hops: [{ service: "api" }] }],
    ["takes the last of parameters with one key", `"api";pr="x";pr=7`, { hops: [{ service: "api", pr: 7 }] }],
    ["undoes escapes", `"a\\"b\\\\c"`, { hops: [{ service: `a"b\\c` }] }],
    ["keeps equal neighbours as they came", `"a", "a"`, { hops: [{ service: "a" }, { service: "a" }] }],
  ];
  for (const [title, value, expected] of taken) {
    it(title, () => assert.deepEqual(parseTrail(value), expected));
  }

  const refused: [title: string, value: string | string[] | undefined][] = [
    ["no header", undefined],
    ["no lines", []],
    ["an empty line", ""],
    ["a blank line", "  "],
    ["lines of which one is empty", [`"a"`, ""]],
    ["a PR that is text", `"api";pr="7"`],
    ["PR 0", `"api";pr=0`],
    ["a negative PR", `"api";pr=-7`],
    ["a PR of eleven digits", `"api";pr=10000000000`],
    ["a decimal PR", `"api";pr=7.0`],
    ["a PR without a value", `"api";pr`],
    ["a revision that is a token", `"api";rev=v1`],
    ["a revision that is a number", `"api";rev=12`],
    ["a note that is text", `"api";note="partial"`],
    ["n=0", `"api";n=0`],
    ["a cut mark without a number", `"api", "+"`],
    ["cut=0", `"api", "+";cut=0`],
    ["a cut that is text", `"+";cut="3"`],
  ];
  for (const [title, value] of refused) {
    it(`refuses ${title}`, () => assert.equal(parseTrail(value), undefined));
  }

  it("never throws, whatever it is given", () => {
    const parts = fc.constantFrom(
      `"`,
      `\\`,
      `"a"`,
      ",",
      ", ",
      ";",
      "pr=",
      "7",
      "-",
      "rev=",
      `"+"`,
      "cut=",
      "?1",
      ":",
      "%",
      "@",
      "é",
    );
    const near = fc.array(parts, { maxLength: 30 }).map((some) => some.join(""));
    const anything = fc.oneof(near, fc.array(near), fc.string({ unit: "binary" }), fc.anything());
    fc.assert(
      fc.property(anything, (value) => {
        const trail = parseTrail(value as string);
        assert.ok(trail === undefined || trail.hops.length > 0 || (trail.cut ?? 0) > 0);
      }),
    );
  });

  it("takes 16 KiB and refuses one byte more by its length", () => {
    const most = `"${"a".repeat(MAX_TRAIL_INPUT_BYTES - 2)}"`;
    assert.equal(parseTrail(most)?.hops.length, 1);
    assert.equal(parseTrail(` ${most}`), undefined);
  });

  it("refuses a mebibyte of anything, valid or not", () => {
    for (const unit of [`"`, `\\`, `"a",`, " ", ";a", "a", `"\\`]) {
      assert.equal(parseTrail(unit.repeat(2 ** 20)), undefined);
      assert.equal(parseTrail(`"a"${unit.repeat(2 ** 20)}`), undefined);
    }
    assert.equal(parseTrail(Array.from({ length: 2 ** 18 }, () => `"a"`).join(", ")), undefined);
  });

  it("stops to read lines once they are too long together", () => {
    const counted = countingReads(Array.from({ length: 100_000 }, () => `"${"a".repeat(1022)}"`));
    assert.equal(parseTrail(counted.lines), undefined);
    assert.ok(counted.reads() <= 17);
  });

  it("counts the joins of many empty lines towards the length", () => {
    const counted = countingReads(Array.from({ length: 100_000 }, () => ""));
    assert.equal(parseTrail(counted.lines), undefined);
    assert.ok(counted.reads() <= 8194);
  });
});
