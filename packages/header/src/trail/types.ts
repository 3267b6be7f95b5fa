/** One entry of the hop trail: a service's own claim of who served. */
export interface Hop {
  readonly service: string;
  /** The PR of the canary that served; absent: stable served. */
  readonly pr?: number;
  /** What ran: 12 hex digits of the commit, or stable's image tag. */
  readonly rev?: string;
  readonly note?: HopNote;
  /** How many equal neighbours this entry stands for; absent means 1. */
  readonly n?: number;
}

/**
 * What a hop says beside its name: `unreachable`, the call got no answer; `invalid-selector`, the request's selector
 * was no selector and so stable served; `partial`, headers had to go out before all calls had ended.
 */
export type HopNote = "unreachable" | "invalid-selector" | "partial";

/** A trail in call order; `cut` counts hops that were left out at the end because of the limits. */
export interface Trail {
  readonly hops: readonly Hop[];
  readonly cut?: number;
}
