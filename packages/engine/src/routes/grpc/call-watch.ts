import type { ServerHttp2Stream } from "node:http2";
import type { Variant } from "@perch/core";
import type { Observe } from "../observe.ts";

/** Statuses that say that the server failed, as 5xx does in HTTP: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const FAILED = new Set(["2", "4", "12", "13", "14", "15"]);

/** Measures one call, from its headers to the beginning of its answer. A call that its client gave up counts as none. */
export class CallWatch {
  readonly #began = performance.now();
  #variant: Variant | undefined;
  #answered: number | undefined;

  constructor(call: ServerHttp2Stream, observe: Observe | undefined) {
    if (observe === undefined) return;
    call.once("close", () => {
      const status = sentStatus(call);
      if (this.#variant === undefined || status === undefined) return;
      const duration = (this.#answered ?? performance.now()) - this.#began;
      observe(this.#variant, duration, FAILED.has(status));
    });
  }

  /** The variant that is asked now; the last one counts, but for one that has never served yet. */
  asks({ service, pr, isComing }: Variant & { readonly isComing?: true }): void {
    if (isComing) return;
    this.#variant = pr === undefined ? { service } : { service, pr };
  }

  answered(): void {
    this.#answered ??= performance.now();
  }
}

/** `grpc-status` as the client got it; `undefined` when the call ended without one. */
function sentStatus({ sentTrailers, sentHeaders }: ServerHttp2Stream): string | undefined {
  const status = sentTrailers?.["grpc-status"] ?? sentHeaders?.["grpc-status"];
  return status === undefined ? undefined : String(status);
}
