import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hop, Trail } from "@perch/header";
import fc from "fast-check";
import { layoutTrail, NODE, trailText } from "../../src/try/trail-layout.ts";

const hop: fc.Arbitrary<Hop> = fc.record(
  {
    service: fc.stringMatching(/^[a-z]{1,40}$/),
    pr: fc.integer({ min: 1, max: 9_999_999_999 }),
    rev: fc.string({ maxLength: 40 }),
    note: fc.constantFrom("unreachable", "invalid-selector", "partial"),
    n: fc.integer({ min: 2, max: 99 }),
  },
  { requiredKeys: ["service"] },
);
const trail: fc.Arbitrary<Trail> = fc.record(
  { hops: fc.array(hop, { maxLength: 32 }), cut: fc.integer({ min: 1, max: 99 }) },
  { requiredKeys: ["hops"] },
);
const width = fc.integer({ min: 0, max: 3_000 });

describe("the drawing of a trail", () => {
  it("goes from the request through stable api to the canary of store", () => {
    const { nodes, links } = layoutTrail(
      {
        hops: [
          { service: "api", rev: "v1" },
          { service: "store", pr: 1 },
        ],
      },
      1_000,
    );
    assert.deepEqual(
      nodes.map(({ kind, title, detail }) => [kind, title, detail]),
      [
        ["you", "Request", "to the edge"],
        ["stable", "api", "stable"],
        ["canary", "store", "canary of PR 1"],
      ],
    );
    assert.equal(links.length, 2);
    assert.equal(new Set(nodes.map(({ y }) => y)).size, 1);
  });

  it("has no two nodes in one place, a link between each and the next, and all of it inside, at any width", () => {
    fc.assert(
      fc.property(trail, width, (one, wide) => {
        const { nodes, links, width: drawn, height } = layoutTrail(one, wide);
        assert.equal(nodes.length, one.hops.length + (one.cut === undefined ? 1 : 2));
        assert.equal(links.length, nodes.length - 1);
        assert.equal(new Set(links).size, links.length);
        assert.ok(drawn <= Math.max(wide, NODE.width + 12));
        for (const { x, y } of nodes) {
          assert.ok(x >= 0 && y >= 0 && x + NODE.width <= drawn && y + NODE.height <= height);
        }
        assert.equal(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size, nodes.length);
      }),
    );
  });

  it("says the same in words, what was left out too", () => {
    const hops: Hop[] = [
      { service: "api", rev: "v1", n: 2 },
      { service: "store", pr: 1, rev: "ab12cd34ef56", note: "partial" },
      { service: "mail", note: "unreachable" },
    ];
    assert.deepEqual(trailText({ hops, cut: 3 }), [
      "api: stable, revision v1, 2×",
      "store: canary of PR 1, revision ab12cd34ef56, partial",
      "mail: gave no answer",
      "3 more left out",
    ]);
  });
});
