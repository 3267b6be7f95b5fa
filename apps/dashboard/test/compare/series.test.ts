import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Measurements, VariantMeasurements } from "@perch/core";
import { chartData, shown, summary } from "../../src/compare/series.ts";

function variant(pr: number | undefined, requests: readonly number[]): VariantMeasurements {
  const times = requests.map((count) => (count === 0 ? null : 10));
  const total = {
    requests: requests.reduce((a, b) => a + b, 0),
    errors: 1,
    p50: 4.25,
    p95: 100.4,
    p99: null,
  };
  const errors = requests.map((count) => (count === 0 ? 0 : 1));
  return { ...(pr === undefined ? {} : { pr }), requests, errors, p50: times, p95: times, p99: times, total };
}

const data: Measurements = {
  service: "api",
  step: 5,
  times: [100, 105, 110],
  variants: [variant(undefined, [10, 0, 0]), ...[1, 2, 3, 4, 5, 6].map((pr) => variant(pr, [5, 5, 1]))],
};

describe("stable against canary", () => {
  it("draws requests per second, failures in percent, gaps where nothing was asked, and no time that is not over", () => {
    const variants = shown(data, 2);
    assert.deepEqual(
      variants.map(({ pr }) => pr),
      [undefined, 2],
    );
    assert.deepEqual(chartData(data, variants, "rate"), [
      [100, 105],
      [2, 0],
      [1, 1],
    ]);
    assert.deepEqual(chartData(data, variants, "errors"), [
      [100, 105],
      [10, null],
      [20, 20],
    ]);
    assert.deepEqual(chartData(data, variants, "p95"), [
      [100, 105],
      [10, null],
      [10, 10],
    ]);
  });

  it("shows of many canaries the newest that fit, and always stable", () => {
    assert.deepEqual(
      shown(data, undefined).map(({ pr }) => pr),
      [undefined, 3, 4, 5, 6],
    );
  });

  it("has the same in a table", () => {
    assert.deepEqual(summary(data, shown(data, 1))[0], {
      requests: 10,
      perSecond: "0.67",
      errors: "10.0 %",
      p50: "4.3 ms",
      p95: "100 ms",
      p99: "–",
    });
  });
});
