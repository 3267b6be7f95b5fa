import {
  judge,
  type Measurements,
  percentileOf,
  type Sample,
  type Samples,
  type Variant,
  type VariantMeasurements,
} from "@perch/core";
import type { Observe } from "../../routes/observe.ts";
import { BOUNDS } from "./histogram.ts";
import { type Counts, KEPT, noCounts, Series } from "./series.ts";

/** Keeps what routers measure, in bounded memory. */
export interface Recorder {
  readonly observe: Observe;
  /** @param since epoch seconds; @param step seconds. */
  measurements(service: string, since: number, step: number): Measurements;
  /** What was seen of a service's variants in the last so many seconds. */
  samples(service: string, seconds: number): Samples;
  /** Bytes that the counts take. */
  readonly bytes: number;
}

interface Entry {
  readonly variant: Variant;
  readonly kept: Series;
}

/** Variants whose requests are kept: above it, the one that was idle longest is forgotten. About 15 MiB at most. */
export const MAX_VARIANTS = 128;

/** @param now epoch milliseconds. */
export function startRecorder(now: () => number = Date.now): Recorder {
  /** By service and PR; the one with the newest request last. */
  const series = new Map<string, Entry>();
  let newest: Entry | undefined;

  function seriesOf(variant: Variant): Series {
    const last = newest?.variant;
    if (newest !== undefined && last?.service === variant.service && last.pr === variant.pr)
      return newest.kept;
    const key = `${variant.service} ${variant.pr ?? ""}`;
    const found = series.get(key);
    if (found !== undefined) series.delete(key);
    else if (series.size >= MAX_VARIANTS) series.delete(series.keys().next().value ?? "");
    const entry = found ?? { variant: copyOf(variant), kept: new Series() };
    series.set(key, entry);
    newest = entry;
    return entry.kept;
  }

  function ofService(service: string): Entry[] {
    return [...series.values()].filter(({ variant }) => variant.service === service);
  }

  function samples(service: string, seconds: number): Samples {
    const to = Math.floor(now() / 1000) + 1;
    return new Map(
      ofService(service).map(({ variant, kept }) => {
        const counts = noCounts();
        kept.addTo(counts, to - seconds, to);
        return [variant.pr, sampleOf(counts)];
      }),
    );
  }

  return {
    observe: (variant, milliseconds, failed) =>
      seriesOf(variant).record(Math.floor(now() / 1000), milliseconds, failed),
    measurements: (service, since, step) => {
      const times = timesOf(since, step, Math.floor(now() / 1000));
      const counted = ofService(service)
        .sort((a, b) => (a.variant.pr ?? 0) - (b.variant.pr ?? 0))
        .map(({ variant, kept }) => count(variant, kept, times, step))
        .filter(({ all }) => all.requests > 0);
      const stable = sampleOf(counted.find(({ pr }) => pr === undefined)?.all ?? noCounts());
      return { service, step, times, variants: counted.map((one) => measured(one, stable)) };
    },
    samples,
    get bytes() {
      return [...series.values()].reduce((bytes, { kept }) => bytes + kept.bytes, 0);
    },
  };
}

function sampleOf({ requests, errors, durations }: Counts): Sample {
  return { requests, errors, durations: { bounds: BOUNDS, counts: [...durations] } };
}

/** A backend has more to it than its variant, and must not be held by it. */
function copyOf({ service, pr }: Variant): Variant {
  return pr === undefined ? { service } : { service, pr };
}

/** Begins of the steps up to now, on multiples of the step, so that a later answer has the same ones. */
function timesOf(since: number, step: number, now: number): number[] {
  const first = Math.max(Math.ceil(since / step), Math.ceil((now - KEPT + 1) / step)) * step;
  const times: number[] = [];
  for (let time = first; time <= now; time += step) times.push(time);
  return times;
}

/** What one variant had in each step, and in all of them. */
interface Counted {
  readonly pr: number | undefined;
  readonly steps: readonly Counts[];
  readonly all: Counts;
}

function count({ pr }: Variant, kept: Series, times: readonly number[], step: number): Counted {
  const steps = times.map((time) => {
    const counts = noCounts();
    kept.addTo(counts, time, time + step);
    return counts;
  });
  return { pr, steps, all: sum(steps) };
}

function measured({ pr, steps, all }: Counted, stable: Sample): VariantMeasurements {
  const inSteps = steps.map(sampleOf);
  const inAll = sampleOf(all);
  return {
    ...(pr === undefined ? {} : { pr, verdict: judge(stable, inAll) }),
    requests: inSteps.map(({ requests }) => requests),
    errors: inSteps.map(({ errors }) => errors),
    p50: inSteps.map((sample) => percentile(sample, 0.5)),
    p95: inSteps.map((sample) => percentile(sample, 0.95)),
    p99: inSteps.map((sample) => percentile(sample, 0.99)),
    total: {
      requests: all.requests,
      errors: all.errors,
      p50: percentile(inAll, 0.5),
      p95: percentile(inAll, 0.95),
      p99: percentile(inAll, 0.99),
    },
  };
}

function sum(steps: readonly Counts[]): Counts {
  const all = noCounts();
  for (const { requests, errors, durations } of steps) {
    all.requests += requests;
    all.errors += errors;
    durations.forEach((count, i) => {
      all.durations[i] = (all.durations[i] ?? 0) + count;
    });
  }
  return all;
}

/** In milliseconds with two digits after the point: more is not known. */
function percentile({ durations }: Sample, rank: number): number | null {
  const milliseconds = percentileOf(durations, rank);
  return milliseconds === null ? null : Math.round(milliseconds * 100) / 100;
}
