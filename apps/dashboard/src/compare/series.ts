import type { Measurements, VariantMeasurements, Verdict } from "@perch/core";

/** Times, then one line for each variant: as the chart wants it. */
export type ChartData = readonly [
  times: readonly number[],
  ...lines: readonly (readonly (number | null)[])[],
];

export type Quantity = "rate" | "errors" | "p50" | "p95" | "p99";

/** Charts with more lines cannot be read. */
const MOST_LINES = 5;

/** Stable and the canary in question; or stable and all its canaries, the newest first of those that fit. */
export function shown({ variants }: Measurements, pr: number | undefined): VariantMeasurements[] {
  const stable = variants.filter((variant) => variant.pr === undefined);
  const canaries = variants.filter(
    (variant) => variant.pr !== undefined && (pr === undefined || variant.pr === pr),
  );
  return [...stable, ...canaries.slice(1 - MOST_LINES)];
}

/**
 * What a chart of one quantity draws: requests per second, failed requests in percent, or milliseconds. The last entry is
 * left out: its time is not over, and would always look like a fall.
 */
export function chartData(
  { times, step }: Measurements,
  variants: readonly VariantMeasurements[],
  quantity: Quantity,
): ChartData {
  const lines = variants.map((variant) => line(variant, quantity, step).slice(0, -1));
  return [times.slice(0, -1), ...lines];
}

function line(variant: VariantMeasurements, quantity: Quantity, step: number): readonly (number | null)[] {
  if (quantity === "rate") return variant.requests.map((count) => count / step);
  if (quantity === "errors") {
    return variant.requests.map((count, i) =>
      count === 0 ? null : (100 * (variant.errors[i] ?? 0)) / count,
    );
  }
  return variant[quantity];
}

/** A row of the table beside the charts. */
export interface SummaryRow {
  readonly pr?: number;
  readonly requests: number;
  readonly perSecond: string;
  readonly errors: string;
  readonly p50: string;
  readonly p95: string;
  readonly p99: string;
  readonly verdict?: Verdict;
}

export function summary(
  { times, step }: Measurements,
  variants: readonly VariantMeasurements[],
): SummaryRow[] {
  const seconds = Math.max(1, times.length * step);
  return variants.map(({ pr, total, verdict }) => ({
    ...(pr === undefined ? {} : { pr }),
    requests: total.requests,
    perSecond: (total.requests / seconds).toPrecision(2),
    errors: total.requests === 0 ? "–" : `${((100 * total.errors) / total.requests).toFixed(1)} %`,
    p50: milliseconds(total.p50),
    p95: milliseconds(total.p95),
    p99: milliseconds(total.p99),
    ...(verdict === undefined ? {} : { verdict }),
  }));
}

function milliseconds(value: number | null): string {
  if (value === null) return "–";
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
