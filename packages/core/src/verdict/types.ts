/** Durations, counted by how long they were. */
export interface Histogram {
  /** Upper bounds of all buckets but the last, in milliseconds, ascending; the last bucket has none. */
  readonly bounds: readonly number[];
  /** One more than `bounds`: how many fell into each bucket, that is over the bound before and not over its own. */
  readonly counts: readonly number[];
}

/** What was seen of one variant of a service in some time. */
export interface Sample {
  readonly requests: number;
  /** Answers that say that the server failed (HTTP 5xx, gRPC statuses of the same kind); part of `requests`. */
  readonly errors: number;
  readonly durations: Histogram;
}

/** Samples of a service by pull request; `undefined` is stable's. */
export type Samples = ReadonlyMap<number | undefined, Sample>;

/**
 * `fail`: there is evidence that the canary does worse than stable. `pass`: there were enough requests, and no such evidence.
 * `inconclusive`: there were too few to tell, or too little was measured of them.
 */
export type Outcome = "pass" | "fail" | "inconclusive";

/** What one measure says. */
export interface Finding {
  readonly measure: "errors" | "slow answers";
  readonly outcome: Outcome;
  /** A sentence, for people. */
  readonly reason: string;
}

export interface Verdict {
  /** The worst of the findings: one failure fails, and without one a measure that cannot tell leaves all open. */
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}

/** Numbers to show of a sample; `null`: there were no requests. Durations are in milliseconds, as the upper bound of their bucket. */
export interface Summary {
  readonly requests: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** How the canaries of a service did beside its stable. */
export interface Comparison {
  readonly service: string;
  /** Seconds up to now that it is about. */
  readonly seconds: number;
  readonly stable: Summary;
  /** By pull request, ascending; only canaries that had requests. */
  readonly canaries: readonly (Summary & { readonly pr: number; readonly verdict: Verdict })[];
}
