import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatTrail,
  type Hop,
  MAX_TRAIL_BYTES,
  MAX_TRAIL_ENTRIES,
  mergeTrails,
  parseTrail,
  type Trail,
} from "@perch/header";
import fc from "fast-check";
import { cleanHops, repetitiveHops, trailsOf, wildHops } from "../arbitraries.ts";

const api: Hop = { service: "api", pr: 7, rev: "ab12cd34ef56" };
const store: Hop = { service: "store", rev: "v1.4.0" };
const calls = (hops: fc.Arbitrary<Hop>) =>
  fc.array(fc.option(trailsOf(hops), { nil: undefined }), { maxLength: 5 });

/** How many hops a trail accounts for, shown or cut. */
function weigh(trail: Trail): number {
  return trail.hops.reduce((sum, hop) => sum + (hop.n ?? 1), trail.cut ?? 0);
}

describe("mergeTrails", () => {
  it("is the own hop alone without calls", () => assert.deepEqual(mergeTrails(api, []), { hops: [api] }));

  it("puts the own hop first, then the calls in call order", () => {
    const db: Hop = { service: "db" };
    assert.deepEqual(mergeTrails(api, [{ hops: [store] }, { hops: [db, store] }]).hops, [
      api,
      store,
      db,
      store,
    ]);
  });

  it("skips a call whose answer carried no trail", () => {
    assert.deepEqual(mergeTrails(api, [undefined, { hops: [store] }, undefined]), { hops: [api, store] });
  });

  it("merges equal neighbours across calls", () => {
    const merged = mergeTrails(api, [{ hops: [store] }, { hops: [{ ...store, n: 2 }] }]);
    assert.deepEqual(merged, { hops: [api, { ...store, n: 3 }] });
  });

  it("keeps an unreachable call apart from one that was answered", () => {
    const lost: Hop = { ...store, note: "unreachable" };
    assert.deepEqual(mergeTrails(api, [{ hops: [store] }, { hops: [lost] }]).hops, [api, store, lost]);
  });

  it("adds up the cuts of the trails that it merges", () => {
    assert.deepEqual(
      mergeTrails(api, [
        { hops: [store], cut: 2 },
        { hops: [store], cut: 3 },
      ]),
      { hops: [api, { ...store, n: 2 }], cut: 5 },
    );
  });

  it("counts each hop that it leaves out, also those that n stands for", () => {
    const many = Array.from({ length: 40 }, (_, index): Hop => ({ service: `s${index}`, n: 2 }));
    const merged = mergeTrails(api, [{ hops: many, cut: 1 }]);
    assert.equal(merged.hops.length, MAX_TRAIL_ENTRIES - 1);
    assert.equal(merged.cut, (40 - 30) * 2 + 1);
  });

  it("holds the limits, and the own hop, for any merge", () => {
    fc.assert(
      fc.property(cleanHops, calls(wildHops), (own, trails) => {
        const merged = mergeTrails(own, trails);
        assert.equal(merged.hops[0]?.service, own.service);
        assert.ok(merged.hops.length + (merged.cut === undefined ? 0 : 1) <= MAX_TRAIL_ENTRIES);
        assert.ok(formatTrail(merged).length <= MAX_TRAIL_BYTES);
      }),
    );
  });

  it("is sent as it is: what is read from its text is the merge itself", () => {
    fc.assert(
      fc.property(cleanHops, calls(wildHops), (own, trails) => {
        const merged = mergeTrails(own, trails);
        assert.deepEqual(parseTrail(formatTrail(merged)), merged);
      }),
    );
  });

  it("loses no hop: each is shown, merged or counted as cut", () => {
    fc.assert(
      fc.property(repetitiveHops, calls(repetitiveHops), (own, trails) => {
        const before = trails.reduce(
          (sum, trail) => sum + (trail === undefined ? 0 : weigh(trail)),
          own.n ?? 1,
        );
        assert.equal(weigh(mergeTrails(own, trails)), before);
      }),
    );
  });

  it("leaves no equal neighbours", () => {
    fc.assert(
      fc.property(repetitiveHops, calls(repetitiveHops), (own, trails) => {
        const { hops } = mergeTrails(own, trails);
        const claims = hops.map(({ n, ...claim }) => JSON.stringify(claim));
        assert.ok(claims.every((claim, index) => claim !== claims[index - 1]));
      }),
    );
  });
});
