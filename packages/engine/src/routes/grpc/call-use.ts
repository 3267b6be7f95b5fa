import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Decision, Variant } from "@perch/core";
import type { CanaryUse } from "../canary-use.ts";

const UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** Milliseconds of a `grpc-timeout` (gRPC over HTTP2, Requests); `undefined`: the call has no deadline, or none that is valid. */
export function grpcTimeout(header: string | readonly string[] | undefined): number | undefined {
  const match = typeof header === "string" ? /^(\d{1,8})([HMSmun])$/.exec(header) : null;
  return match === null ? undefined : Number(match[1]) * (UNITS[match[2] ?? ""] ?? 0);
}

/** One call as use of a canary: it waits for one that sleeps or is started again, and keeps one awake for as long as it goes on. */
export class CallUse {
  readonly #call: ServerHttp2Stream;
  readonly #use: CanaryUse | undefined;
  readonly #patience: number;
  #held = false;
  #counted = false;

  constructor(call: ServerHttp2Stream, headers: IncomingHttpHeaders, use: CanaryUse | undefined) {
    this.#call = call;
    this.#use = use;
    const deadline = grpcTimeout(headers["grpc-timeout"]) ?? Number.POSITIVE_INFINITY;
    this.#patience = Math.min(deadline, use?.wakeTimeout ?? 0);
  }

  /** Waits for what is worth it, once. @returns whether it is worth to route again */
  async hold({ service, pr, holds }: Extract<Decision, { kind: "unavailable" }>): Promise<boolean> {
    if (holds !== true || this.#use === undefined || this.#held) return false;
    this.#held = true;
    const gone = new AbortController();
    this.#call.once("close", () => gone.abort());
    await this.#use.hold(pr === undefined ? { service } : { service, pr }, this.#patience, gone.signal);
    return true;
  }

  /** It goes to this backend. */
  begins(backend: Variant): void {
    if (this.#counted || this.#use === undefined || backend.pr === undefined) return;
    this.#counted = true;
    this.#call.once("close", this.#use.begin(backend));
  }
}
