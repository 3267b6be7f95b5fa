import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatTrail,
  type Hop,
  type HopNote,
  MAX_TRAIL_BYTES,
  MAX_TRAIL_ENTRIES,
  parseTrail,
  type Trail,
} from "@perch/header";
import fc from "fast-check";
import { cleanHops, trailsOf, wildHops } from "../arbitraries.ts";
import { countMembers, isStringList } from "./rfc9651.ts";

const distinct = (count: number): Hop[] =>
  Array.from({ length: count }, (_, index) => ({ service: `s${index}` }));

describe("formatTrail", () => {
  const cases: [title: string, trail: Trail, expected: string][] = [
    ["writes no hops as empty", { hops: [] }, ""],
    [
      "writes a canary and a stable hop",
      {
        hops: [
          { service: "api", pr: 7, rev: "ab12cd34ef56" },
          { service: "store", rev: "v1.4.0" },
        ],
      },
      `"api";pr=7;rev="ab12cd34ef56", "store";rev="v1.4.0"`,
    ],
    [
      "writes a call without an answer",
      { hops: [{ service: "store", note: "unreachable" }] },
      `"store";note=unreachable`,
    ],
    [
      "writes all parameters in one order",
      { hops: [{ n: 2, note: "partial", rev: "r", pr: 7, service: "s" }] },
      `"s";pr=7;rev="r";note=partial;n=2`,
    ],
    [
      "merges equal neighbours",
      { hops: [{ service: "a" }, { service: "a", n: 2 }, { service: "b" }, { service: "a" }] },
      `"a";n=3, "b", "a"`,
    ],
    [
      "does not merge neighbours that differ in any claim",
      {
        hops: [
          { service: "a" },
          { service: "a", pr: 1 },
          { service: "a", rev: "1" },
          { service: "a", note: "partial" },
        ],
      },
      `"a", "a";pr=1, "a";rev="1", "a";note=partial`,
    ],
    ["writes the cut last", { hops: [{ service: "a" }], cut: 4 }, `"a", "+";cut=4`],
    ["writes n=1 and cut=0 as nothing", { hops: [{ service: "a", n: 1 }], cut: 0 }, `"a"`],
    ["escapes quotes and backslashes", { hops: [{ service: `a"b\\c` }] }, `"a\\"b\\\\c"`],
    [
      "shows what is not printable ASCII as a question mark",
      { hops: [{ service: "é\n", rev: "v1\u0000" }] },
      `"??";rev="v1?"`,
    ],
    ["does not let a service pass for the cut mark", { hops: [{ service: "+" }] }, `"?"`],
    [
      "shortens a long revision to 128 characters",
      { hops: [{ service: "a", rev: "r".repeat(9999) }] },
      `"a";rev="${"r".repeat(128)}"`,
    ],
    [
      "leaves out, counted, a hop whose PR is none",
      { hops: [{ service: "a" }, { service: "b", pr: 0, n: 2 }] },
      `"a", "+";cut=2`,
    ],
    ["drops a note that is none", { hops: [{ service: "a", note: "x y" as HopNote }] }, `"a"`],
  ];
  for (const [title, trail, expected] of cases) {
    it(title, () => assert.equal(formatTrail(trail), expected));
  }

  it("writes 32 hops in full", () => {
    assert.deepEqual(parseTrail(formatTrail({ hops: distinct(32) })), { hops: distinct(32) });
  });

  it("writes 31 of 33 hops and the number of the others", () => {
    assert.deepEqual(parseTrail(formatTrail({ hops: distinct(33) })), { hops: distinct(31), cut: 2 });
  });

  it("makes room for the cut mark in a full trail", () => {
    assert.deepEqual(parseTrail(formatTrail({ hops: distinct(32), cut: 5 })), { hops: distinct(31), cut: 6 });
  });

  it("fills 4 KiB to the last byte and cuts from there", () => {
    const full = distinct(30).map((hop) => ({ ...hop, rev: "r".repeat(120) }));
    const rest = MAX_TRAIL_BYTES - formatTrail({ hops: full }).length - `, "z"`.length;
    const exact = [...full, { service: `z${"z".repeat(rest)}` }];
    assert.equal(formatTrail({ hops: exact }).length, MAX_TRAIL_BYTES);
    const over = [...full, { service: `z${"z".repeat(rest + 1)}`, n: 9 }];
    assert.deepEqual(parseTrail(formatTrail({ hops: over })), { hops: full, cut: 9 });
  });

  it("always has room for the first hop, however long it is", () => {
    const long: Hop = {
      service: `"`.repeat(999),
      pr: 9_999_999_999,
      rev: `\\`.repeat(999),
      note: "invalid-selector",
      n: 2 ** 53,
    };
    const text = formatTrail({ hops: [long, ...distinct(99)], cut: 2 ** 53 });
    assert.equal(parseTrail(text)?.hops[0]?.pr, 9_999_999_999);
  });

  it("writes counts that no Integer can hold as the highest that one can", () => {
    const huge = { service: "a", n: 999_999_999_999_999 };
    assert.equal(
      formatTrail({ hops: [huge, huge], cut: 2 ** 60 }),
      `"a";n=999999999999999, "+";cut=999999999999999`,
    );
  });

  it("is read back as it was, within the limits and without equal neighbours", () => {
    const trails = fc.uniqueArray(cleanHops, { minLength: 1, maxLength: 6, selector: (hop) => hop.service });
    fc.assert(fc.property(trails, (hops) => assert.deepEqual(parseTrail(formatTrail({ hops })), { hops })));
  });

  it("is a valid RFC 9651 List within the limits for any trail", () => {
    fc.assert(
      fc.property(trailsOf(wildHops), (trail) => {
        const text = formatTrail(trail);
        assert.ok(text === "" || isStringList(text), text);
        assert.ok(text.length <= MAX_TRAIL_BYTES);
        assert.ok(countMembers(text) <= MAX_TRAIL_ENTRIES);
        assert.equal(text === "", parseTrail(text) === undefined);
      }),
    );
  });

  it("has one form: what was read back is written alike", () => {
    fc.assert(
      fc.property(trailsOf(wildHops), (trail) => {
        const text = formatTrail(trail);
        assert.equal(formatTrail(parseTrail(text) ?? { hops: [] }), text);
      }),
    );
  });
});
