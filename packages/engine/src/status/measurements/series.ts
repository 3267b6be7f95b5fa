import { MEASURED_SECONDS } from "@perch/core";
import { BUCKETS, bucketOf } from "./histogram.ts";

/** Seconds that are kept. */
export const KEPT = MEASURED_SECONDS;
/** What one second's bucket can count; a further one is dropped, far above what one machine serves. */
const FULL = 0xffff;

/** Counts of some time. */
export interface Counts {
  requests: number;
  errors: number;
  readonly durations: Float64Array;
}

export function noCounts(): Counts {
  return { requests: 0, errors: 0, durations: new Float64Array(BUCKETS) };
}

/** One variant's requests of the last 15 minutes, by second, in about 120 KiB whatever is recorded. */
export class Series {
  /** The epoch second that each slot holds; 0: none. */
  readonly #seconds = new Uint32Array(KEPT);
  readonly #errors = new Uint16Array(KEPT);
  readonly #durations = new Uint16Array(KEPT * BUCKETS);

  /** @param second epoch seconds; a time that went backwards past what is kept is ignored. */
  record(second: number, milliseconds: number, failed: boolean): void {
    const slot = second % KEPT;
    const held = this.#seconds[slot] ?? 0;
    if (held > second) return;
    if (held < second) this.#clear(slot, second);
    add(this.#durations, slot * BUCKETS + bucketOf(milliseconds));
    if (failed) add(this.#errors, slot);
  }

  /** Adds what was recorded in `[from, to)`, epoch seconds, to `counts`. */
  addTo(counts: Counts, from: number, to: number): void {
    for (let second = Math.max(from, to - KEPT); second < to; second++) {
      const slot = second % KEPT;
      if (this.#seconds[slot] !== second) continue;
      counts.errors += this.#errors[slot] ?? 0;
      const first = slot * BUCKETS;
      for (let i = 0; i < BUCKETS; i++) {
        const count = this.#durations[first + i] ?? 0;
        counts.requests += count;
        counts.durations[i] = (counts.durations[i] ?? 0) + count;
      }
    }
  }

  /** Bytes of its arrays. */
  get bytes(): number {
    return this.#seconds.byteLength + this.#errors.byteLength + this.#durations.byteLength;
  }

  #clear(slot: number, second: number): void {
    this.#seconds[slot] = second;
    this.#errors[slot] = 0;
    this.#durations.fill(0, slot * BUCKETS, (slot + 1) * BUCKETS);
  }
}

function add(counts: Uint16Array, at: number): void {
  const count = counts[at] ?? 0;
  if (count < FULL) counts[at] = count + 1;
}
