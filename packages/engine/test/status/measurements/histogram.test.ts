import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { percentileOf } from "@perch/core";
import fc from "fast-check";
import {
  BOUNDS,
  BUCKET_FACTOR,
  BUCKETS,
  bound,
  bucketOf,
  SHORTEST,
} from "../../../src/status/measurements/histogram.ts";

const LONGEST = bound(BUCKETS - 2);
const duration = fc.double({ min: SHORTEST, max: LONGEST, noNaN: true });

function counted(durations: readonly number[]): number[] {
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const one of durations) counts[bucketOf(one)] = (counts[bucketOf(one)] ?? 0) + 1;
  return counts;
}

describe("the histogram of durations", () => {
  it("puts each duration into the bucket whose bounds it lies between", () => {
    fc.assert(
      fc.property(duration, (milliseconds) => {
        const bucket = bucketOf(milliseconds);
        assert.ok(milliseconds <= bound(bucket) * (1 + 1e-8));
        assert.ok(bucket === 0 || milliseconds > bound(bucket - 1) * (1 - 1e-8));
      }),
    );
  });

  it("gives percentiles that are at most a bucket's width above the true ones, and never below", () => {
    const rank = fc.constantFrom(0.5, 0.95, 0.99, 1);
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), rank, (durations, wanted) => {
        const sorted = [...durations].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(sorted.length * wanted) - 1] ?? 0;
        const estimate = percentileOf({ bounds: BOUNDS, counts: counted(durations) }, wanted) ?? 0;
        assert.ok(estimate >= exact * (1 - 1e-8), `${estimate} is below ${exact}`);
        assert.ok(estimate <= exact * BUCKET_FACTOR * (1 + 1e-8), `${estimate} is far above ${exact}`);
      }),
    );
  });

  it("takes any number, however odd", () => {
    fc.assert(
      fc.property(fc.double(), (milliseconds) => {
        const bucket = bucketOf(milliseconds);
        assert.ok(Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKETS);
      }),
    );
  });
});
