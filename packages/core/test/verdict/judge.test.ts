import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compare, ENOUGH, type Sample } from "../../src/verdict/index.ts";
import { judge } from "../../src/verdict/judge.ts";
import { BOUNDS, histogramOf, randomNumbers, sample } from "./support.ts";

const outcomeOf = (stable: Sample, canary: Sample) => judge(stable, canary).outcome;

describe("a canary", () => {
  it("passes when it does as stable does", () => {
    assert.equal(outcomeOf(sample(1_000, 3), sample(200, 1)), "pass");
  });

  it("fails when it clearly fails more requests", () => {
    const { outcome, findings } = judge(sample(1_000, 3), sample(200, 20));
    assert.equal(outcome, "fail");
    assert.deepEqual(
      findings.map(({ measure, outcome }) => [measure, outcome]),
      [
        ["errors", "fail"],
        ["slow answers", "pass"],
      ],
    );
    assert.equal(findings[0]?.reason, "10.0 % of its requests failed, 0.3 % of stable's.");
  });

  it("fails when it is clearly slower", () => {
    const { outcome, findings } = judge(sample(1_000, 0, 8), sample(200, 0, 80));
    assert.equal(outcome, "fail");
    assert.equal(findings[1]?.reason, "100.0 % of its answers took over 20 ms, 0.0 % of stable's.");
  });

  it("fails for slow answers by a few of them that all were", () => {
    assert.equal(outcomeOf(sample(60, 0, 8), sample(10, 0, 80)), "fail");
    assert.equal(outcomeOf(sample(60, 0, 8), sample(2, 0, 80)), "inconclusive");
  });

  it("may be slower by what nobody notices", () => {
    assert.equal(outcomeOf(sample(1_000, 0, 1), sample(1_000, 0, 8)), "pass");
  });

  it("does not pass by a few requests, and fails by a few that all failed", () => {
    assert.equal(outcomeOf(sample(1_000), sample(ENOUGH - 1)), "inconclusive");
    assert.equal(outcomeOf(sample(1_000), sample(5, 5)), "fail");
    assert.equal(outcomeOf(sample(1_000), sample(2, 2)), "inconclusive");
  });

  it("cannot be judged by a stable that nobody used", () => {
    const { outcome, findings } = judge(sample(0), sample(1_000, 1_000));
    assert.equal(outcome, "inconclusive");
    assert.match(findings[0]?.reason ?? "", /Stable had 0 requests in the same time; 50 are needed/);
  });

  it("is not blamed for what stable does as well", () => {
    assert.equal(outcomeOf(sample(1_000, 300), sample(100, 35)), "pass");
  });

  it("fails by chance in fewer than one of a hundred looks", () => {
    const random = randomNumbers(7);
    const drawn = (requests: number, failing: number): Sample => {
      const errors = Array.from({ length: requests }, random).filter((value) => value < failing).length;
      // Exponential around 20 ms.
      const durations = Array.from({ length: requests }, () => -20 * Math.log(1 - random()));
      return { requests, errors, durations: histogramOf(durations) };
    };
    for (const failing of [0, 0.01, 0.1]) {
      let failed = 0;
      for (let look = 0; look < 500; look += 1)
        if (outcomeOf(drawn(300, failing), drawn(100, failing)) === "fail") failed += 1;
      assert.ok(failed <= 5, `${failed} of 500 at ${failing}`);
    }
  });

  it("that fails goes on failing with more errors, and with the same ones twice as often", () => {
    const numbers = fc.record({
      stable: fc.integer({ min: 1, max: 2_000 }),
      canary: fc.integer({ min: 1, max: 500 }),
      ratio: fc.float({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(numbers, ({ stable, canary, ratio }) => {
        const errors = Math.floor(canary * ratio);
        if (outcomeOf(sample(stable), sample(canary, errors)) !== "fail") return;
        assert.equal(outcomeOf(sample(stable), sample(canary, Math.min(canary, errors + 1))), "fail");
        assert.equal(outcomeOf(sample(stable * 2), sample(canary * 2, errors * 2)), "fail");
      }),
    );
  });

  it("does not pass by requests whose durations nobody measured", () => {
    const nothing = { bounds: [], counts: [0] };
    const unmeasured = { ...sample(1_000), durations: nothing };
    const empty = { ...sample(1_000), durations: histogramOf([]) };
    const few = { ...sample(1_000), durations: sample(3).durations };
    for (const [stable, canary, reason] of [
      [unmeasured, unmeasured, "How long its answers took is known of 0 requests; 50 are needed to tell."],
      [sample(1_000), unmeasured, "How long its answers took is known of 0 requests; 50 are needed to tell."],
      [sample(1_000), empty, "How long its answers took is known of 0 requests; 50 are needed to tell."],
      [sample(1_000), few, "How long its answers took is known of 3 requests; 50 are needed to tell."],
      [
        empty,
        sample(1_000),
        "How long stable's answers took is known of 0 requests; 50 are needed to compare with.",
      ],
    ] as const) {
      const { outcome, findings } = judge(stable, canary);
      assert.deepEqual(findings[1], { measure: "slow answers", outcome: "inconclusive", reason });
      assert.equal(outcome, "inconclusive");
    }
    // Its errors were counted all the same.
    assert.equal(outcomeOf(unmeasured, { ...unmeasured, errors: 100 }), "fail");
  });

  it("does not pass where no bound tells what is slow, and fails where most of its answers are beyond all of them", () => {
    // Of stable's p95, in the last bucket that has a bound, a fifth more has none.
    const stable = sample(1_000, 0, 900);
    const { outcome, findings } = judge(stable, sample(200, 0, 60_000));
    assert.equal(outcome, "fail");
    assert.equal(findings[1]?.reason, "100.0 % of its answers took over 1000 ms, 0.0 % of stable's.");
    const mixed = (beyond: number) => {
      const counts = [...sample(200 - beyond, 0, 900).durations.counts.slice(0, -1), beyond];
      return { requests: 200, errors: 0, durations: { bounds: BOUNDS, counts } };
    };
    for (const canary of [sample(200, 0, 900), mixed(20), mixed(100)]) {
      const { outcome, findings } = judge(stable, canary);
      assert.equal(outcome, "inconclusive");
      assert.equal(findings[1]?.reason, "What would be slow beside stable's answers is not measured.");
    }
    assert.equal(outcomeOf(stable, mixed(150)), "fail");
    assert.equal(outcomeOf(sample(1_000, 0, 60_000), sample(200, 0, 60_000)), "inconclusive");
    // All that is known of these: that they were answered.
    const unbounded = { requests: 200, errors: 0, durations: { bounds: [], counts: [200] } };
    assert.equal(outcomeOf(unbounded, unbounded), "inconclusive");
  });

  it("whose own buckets are others is compared at bounds that both have", () => {
    const stable = sample(1_000, 0, 8);
    const canary = (milliseconds: number, bounds: number[]) => {
      const durations = histogramOf(
        Array.from({ length: 200 }, () => milliseconds),
        bounds,
      );
      return { requests: 200, errors: 0, durations };
    };
    assert.equal(outcomeOf(stable, canary(80, [1, 20, 30])), "fail");
    assert.equal(outcomeOf(stable, canary(8, [1, 20, 30])), "pass");
    // Neither of these tells on which side of 20 ms an answer is.
    assert.equal(outcomeOf(stable, canary(80, [1, 30])), "inconclusive");
    assert.equal(outcomeOf(stable, canary(80, [])), "inconclusive");
  });

  it("is judged whatever the numbers are, fractions of a rate too", () => {
    const any = fc.record({
      requests: fc.double({ min: 0, max: 1e9, noNaN: true }),
      errors: fc.double({ min: 0, max: 1e9, noNaN: true }),
      durations: fc.record({
        bounds: fc.constant([1, 10]),
        counts: fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 3, maxLength: 3 }),
      }),
    });
    fc.assert(
      fc.property(any, any, (stable, canary) => {
        for (const { outcome, reason } of judge(stable, canary).findings) {
          assert.match(outcome, /^(?:pass|fail|inconclusive)$/);
          assert.doesNotMatch(reason, /NaN|undefined/);
        }
      }),
    );
  });
});

describe("compare", () => {
  it("has stable first, canaries by number, and leaves out who had no requests", () => {
    const samples = new Map([
      [9, sample(60)],
      [7, sample(0)],
      [2, sample(60, 30)],
      [undefined, sample(400)],
    ]);
    const { stable, canaries } = compare("api", 900, samples);
    assert.deepEqual(stable, { requests: 400, errors: 0, p50: 10, p95: 10, p99: 10 });
    assert.deepEqual(
      canaries.map(({ pr, verdict }) => [pr, verdict.outcome]),
      [
        [2, "fail"],
        [9, "pass"],
      ],
    );
  });

  it("has nothing to show of a service that nobody used", () => {
    assert.deepEqual(compare("api", 900, new Map()), {
      service: "api",
      seconds: 900,
      stable: { requests: 0, errors: 0, p50: null, p95: null, p99: null },
      canaries: [],
    });
  });
});
