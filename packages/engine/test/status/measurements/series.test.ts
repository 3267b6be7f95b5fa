import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { KEPT, noCounts, Series } from "../../../src/status/measurements/series.ts";

const BEGIN = 1_700_000_000;

describe("a variant's series", () => {
  it("counts what was recorded in the last 15 minutes, and nothing older", () => {
    const record = fc.record({ pause: fc.nat({ max: 400 }), failed: fc.boolean() });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 200 }), (records) => {
        const series = new Series();
        let second = BEGIN;
        const all = records.map(({ pause, failed }) => {
          second += pause;
          series.record(second, 10, failed);
          return { second, failed };
        });
        const kept = all.filter((one) => one.second > second - KEPT);
        const counts = noCounts();
        series.addTo(counts, 0, second + 1);
        assert.equal(counts.requests, kept.length);
        assert.equal(counts.errors, kept.filter(({ failed }) => failed).length);
      }),
    );
  });

  it("takes the same memory whatever is recorded", () => {
    const series = new Series();
    const { bytes } = series;
    for (let i = 0; i < 100_000; i += 1) series.record(BEGIN + i, i, i % 2 === 0);
    assert.equal(series.bytes, bytes);
    assert.ok(bytes < 128 * 1024);
  });

  it("ignores a clock that went back past what a slot holds, and counts no second above its limit", () => {
    const series = new Series();
    series.record(BEGIN + KEPT, 1, false);
    series.record(BEGIN, 1, true);
    for (let i = 0; i < 70_000; i += 1) series.record(BEGIN + KEPT, 1, true);
    const counts = noCounts();
    series.addTo(counts, BEGIN, BEGIN + KEPT + 1);
    assert.deepEqual([counts.requests, counts.errors], [65_535, 65_535]);
  });
});
