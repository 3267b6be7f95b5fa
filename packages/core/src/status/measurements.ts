import type { Verdict } from "../verdict/index.ts";

/** Seconds that an engine keeps of what it measures. */
export const MEASURED_SECONDS = 15 * 60;

/**
 * What perch measured at its edge and routers of one service: `GET /api/measurements?service=&since=&step=`. Arrays have
 * one entry for each of `times`. A duration is the time until an answer began, in milliseconds.
 */
export interface Measurements {
  readonly service: string;
  /** Seconds that each entry covers. */
  readonly step: number;
  /** Epoch seconds at which each entry begins, ascending. */
  readonly times: readonly number[];
  /** Stable first, then canaries by PR number; only variants that had requests. */
  readonly variants: readonly VariantMeasurements[];
}

export interface VariantMeasurements {
  /** Absent: stable. */
  readonly pr?: number;
  readonly requests: readonly number[];
  /** HTTP 5xx, and gRPC statuses that say that the server failed; part of `requests`. */
  readonly errors: readonly number[];
  /** `null`: no request in that time. */
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
  /** Of the whole time. */
  readonly total: MeasurementTotal;
  /** Of a canary, in the whole time: whether it did worse than stable. Absent from an engine that is older than this. */
  readonly verdict?: Verdict;
}

export interface MeasurementTotal {
  readonly requests: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}
