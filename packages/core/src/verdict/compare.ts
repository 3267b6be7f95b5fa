import { percentileOf } from "./durations.ts";
import { judge } from "./judge.ts";
import type { Comparison, Sample, Samples, Summary } from "./types.ts";

/** A variant that had no requests. */
const NOTHING: Sample = { requests: 0, errors: 0, durations: { bounds: [], counts: [0] } };

/** Compares every canary of a service with its stable. @param seconds that the samples are of, up to now. */
export function compare(service: string, seconds: number, samples: Samples): Comparison {
  const stable = samples.get(undefined) ?? NOTHING;
  const canaries = [...samples].flatMap(([pr, sample]) =>
    pr === undefined || sample.requests === 0
      ? []
      : [{ pr, ...summaryOf(sample), verdict: judge(stable, sample) }],
  );
  return {
    service,
    seconds,
    stable: summaryOf(stable),
    canaries: canaries.sort((a, b) => a.pr - b.pr),
  };
}

function summaryOf({ requests, errors, durations }: Sample): Summary {
  return {
    requests: Math.round(requests),
    errors: Math.round(errors),
    p50: percentileOf(durations, 0.5),
    p95: percentileOf(durations, 0.95),
    p99: percentileOf(durations, 0.99),
  };
}
