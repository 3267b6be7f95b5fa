import type { Measurements, Variant, VariantMeasurements } from "@perch/core";
import type { Observe } from "../../routes/observe.ts";
import { percentile } from "./histogram.ts";
import { type Counts, KEPT, noCounts, Series } from "./series.ts";

/** Keeps what routers measure, in bounded memory. */
export interface Recorder {
  readonly observe: Observe;
  /** @param since epoch seconds; @param step seconds. */
  measurements(service: string, since: number, step: number): Measurements;
  /** Bytes that the counts take. */
  readonly bytes: number;
}

/** Variants whose requests are kept: above it, the one that was idle longest is forgotten. About 15 MiB at most. */
export const MAX_VARIANTS = 128;

/** @param now epoch milliseconds. */
export function startRecorder(now: () => number = Date.now): Recorder {
  /** By service and PR; the one with the newest request last. */
  const series = new Map<string, { readonly variant: Variant; readonly kept: Series }>();

  function seriesOf(variant: Variant): Series {
    const key = `${variant.service} ${variant.pr ?? ""}`;
    const found = series.get(key);
    if (found !== undefined) series.delete(key);
    else if (series.size >= MAX_VARIANTS) series.delete(series.keys().next().value ?? "");
    const entry = found ?? { variant: copyOf(variant), kept: new Series() };
    series.set(key, entry);
    return entry.kept;
  }

  return {
    observe: (variant, milliseconds, failed) =>
      seriesOf(variant).record(Math.floor(now() / 1000), milliseconds, failed),
    measurements: (service, since, step) => {
      const times = timesOf(since, step, Math.floor(now() / 1000));
      const variants = [...series.values()]
        .filter(({ variant }) => variant.service === service)
        .sort((a, b) => (a.variant.pr ?? 0) - (b.variant.pr ?? 0))
        .map(({ variant, kept }) => measured(variant, kept, times, step))
        .filter(({ total }) => total.requests > 0);
      return { service, step, times, variants };
    },
    get bytes() {
      return [...series.values()].reduce((bytes, { kept }) => bytes + kept.bytes, 0);
    },
  };
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

function measured(
  { pr }: Variant,
  kept: Series,
  times: readonly number[],
  step: number,
): VariantMeasurements {
  const steps = times.map((time) => {
    const counts = noCounts();
    kept.addTo(counts, time, time + step);
    return counts;
  });
  const all = sum(steps);
  return {
    ...(pr === undefined ? {} : { pr }),
    requests: steps.map(({ requests }) => requests),
    errors: steps.map(({ errors }) => errors),
    p50: steps.map(({ durations }) => rounded(percentile(durations, 0.5))),
    p95: steps.map(({ durations }) => rounded(percentile(durations, 0.95))),
    p99: steps.map(({ durations }) => rounded(percentile(durations, 0.99))),
    total: {
      requests: all.requests,
      errors: all.errors,
      p50: rounded(percentile(all.durations, 0.5)),
      p95: rounded(percentile(all.durations, 0.95)),
      p99: rounded(percentile(all.durations, 0.99)),
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

/** Two digits after the point: more is not known. */
function rounded(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.round(milliseconds * 100) / 100;
}
