import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MAX_VARIANTS, startRecorder } from "../../../src/status/measurements/recorder.ts";

/** A recorder on a clock that the test turns, epoch seconds. */
function recorderAt(seconds: number) {
  const clock = { seconds };
  return { clock, recorder: startRecorder(() => clock.seconds * 1000) };
}

describe("the recorder", () => {
  it("tells stable and canaries of a service apart, in steps that begin on multiples of the step", () => {
    const { clock, recorder } = recorderAt(1_000_002);
    recorder.observe({ service: "api", pr: 7 }, 100, false);
    recorder.observe({ service: "api" }, 10, false);
    recorder.observe({ service: "store" }, 10, false);
    clock.seconds = 1_000_006;
    recorder.observe({ service: "api", pr: 7 }, 100, true);
    const { times, variants } = recorder.measurements("api", 999_999, 5);
    assert.deepEqual(times, [1_000_000, 1_000_005]);
    assert.deepEqual(
      variants.map(({ pr, requests, errors }) => ({ pr, requests, errors })),
      [
        { pr: undefined, requests: [1, 0], errors: [0, 0] },
        { pr: 7, requests: [1, 1], errors: [0, 1] },
      ],
    );
    assert.deepEqual(
      variants[0]?.p95.map((one) => one === null),
      [false, true],
    );
    const total = variants[1]?.total;
    assert.deepEqual([total?.requests, total?.errors], [2, 1]);
    assert.ok(total?.p99 !== null && Math.abs((total?.p99 ?? 0) - 100) < 20);
  });

  it("judges canaries by the time that was asked for, and no other", () => {
    const { clock, recorder } = recorderAt(1_000_000);
    const observe = (failing: number) => {
      for (let i = 0; i < 60; i += 1) {
        recorder.observe({ service: "api" }, 1, false);
        recorder.observe({ service: "api", pr: 7 }, 1, i < failing);
      }
    };
    const outcome = (since: number) =>
      recorder.measurements("api", since, 5).variants.find(({ pr }) => pr === 7)?.verdict?.outcome;
    observe(30);
    assert.equal(outcome(999_990), "fail");
    clock.seconds = 1_000_100;
    observe(0);
    assert.equal(outcome(1_000_090), "pass");
    assert.equal(outcome(999_990), "fail");
    assert.equal(recorder.measurements("api", 999_990, 5).variants[0]?.verdict, undefined);
  });

  it("forgets the variant that was idle longest instead of growing", () => {
    const { recorder } = recorderAt(1_000_000);
    const first = () => recorder.measurements("api", 0, 5).variants.some(({ pr }) => pr === 1);
    for (let pr = 1; pr <= MAX_VARIANTS; pr += 1) recorder.observe({ service: "api", pr }, 1, false);
    const { bytes } = recorder;
    assert.equal(first(), true);
    recorder.observe({ service: "api", pr: 1 }, 1, false);
    for (let pr = 1_001; pr < 1_000 + MAX_VARIANTS; pr += 1)
      recorder.observe({ service: "api", pr }, 1, false);
    assert.equal(first(), true);
    recorder.observe({ service: "api", pr: 5_000 }, 1, false);
    assert.equal(first(), false);
    assert.equal(recorder.bytes, bytes);
    assert.ok(bytes < 16 * 1024 * 1024);
  });
});
