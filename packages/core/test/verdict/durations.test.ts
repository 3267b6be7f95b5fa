import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { countOver, percentileOf } from "../../src/verdict/durations.ts";
import { BOUNDS, histogramOf } from "./support.ts";

const durations = fc.array(fc.double({ min: 0, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 200 });

describe("a percentile", () => {
  it("is the bound of the bucket that has it", () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99), (all, rank) => {
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(all.length * rank) - 1] ?? 0;
        assert.equal(
          percentileOf(histogramOf(all), rank),
          BOUNDS.find((bound) => exact <= bound),
        );
      }),
    );
  });

  it("of nothing is none, and of what is over every bound the last one", () => {
    assert.equal(percentileOf(histogramOf([]), 0.5), null);
    assert.equal(percentileOf(histogramOf([5_000]), 0.5), 1_000);
    assert.equal(percentileOf({ bounds: [], counts: [3] }, 0.5), null);
  });
});

describe("the count of what took longer", () => {
  it("is exact at a bound, and else no more than that", () => {
    fc.assert(
      fc.property(
        durations,
        fc.constantFrom(...BOUNDS),
        fc.double({ min: 0, max: 1_500, noNaN: true }),
        (all, bound, any) => {
          assert.equal(countOver(histogramOf(all), bound), all.filter((one) => one > bound).length);
          assert.ok(countOver(histogramOf(all), any) <= all.filter((one) => one > any).length || any === 0);
        },
      ),
    );
  });

  it("is none beyond everything", () => {
    assert.equal(countOver(histogramOf([5_000]), Number.POSITIVE_INFINITY), 0);
  });
});
