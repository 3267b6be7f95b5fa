/** Whether a canary does worse than stable: samples in, verdict out. */
export { compare } from "./compare.ts";
export { percentileOf } from "./durations.ts";
export { ENOUGH, judge } from "./judge.ts";
export type {
  Comparison,
  Finding,
  Histogram,
  Outcome,
  Sample,
  Samples,
  Summary,
  Verdict,
} from "./types.ts";
