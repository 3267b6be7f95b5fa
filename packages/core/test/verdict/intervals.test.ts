import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { differenceInterval, proportionInterval } from "../../src/verdict/intervals.ts";

const NINETY_FIVE = 1.96;
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 0.0001, `${actual} is not ${expected}`);

const proportion = fc
  .integer({ min: 1, max: 10_000 })
  .chain((trials) => fc.record({ hits: fc.integer({ min: 0, max: trials }), trials: fc.constant(trials) }));

describe("the interval of a proportion", () => {
  it("is the one that Newcombe computed (1998, Statistics in Medicine 17, page 857)", () => {
    const { low, high } = proportionInterval(81, 263, NINETY_FIVE);
    near(low, 0.2553);
    near(high, 0.3662);
  });

  it("holds the proportion, within 0 and 1, and gets no wider with more trials", () => {
    fc.assert(
      fc.property(proportion, ({ hits, trials }) => {
        const { low, high } = proportionInterval(hits, trials);
        const epsilon = 1e-9;
        assert.ok(0 <= low && low <= hits / trials + epsilon && hits / trials <= high + epsilon && high <= 1);
        const more = proportionInterval(hits * 10, trials * 10);
        assert.ok(more.high - more.low <= high - low + epsilon);
      }),
    );
  });
});

describe("the interval of a difference", () => {
  it("is the one that Newcombe computed (1998, Statistics in Medicine 17, page 876)", () => {
    const { low, high } = differenceInterval({ hits: 56, trials: 70 }, { hits: 48, trials: 80 }, NINETY_FIVE);
    near(low, 0.0524);
    near(high, 0.3339);
  });

  it("holds the difference, and is turned around by changing sides", () => {
    fc.assert(
      fc.property(proportion, proportion, (a, b) => {
        const one = differenceInterval(a, b);
        const other = differenceInterval(b, a);
        const difference = a.hits / a.trials - b.hits / b.trials;
        assert.ok(one.low <= difference + 1e-9 && difference <= one.high + 1e-9);
        near(one.low, -other.high);
        near(one.high, -other.low);
      }),
    );
  });
});
