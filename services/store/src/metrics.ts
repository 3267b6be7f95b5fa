import { status } from "@grpc/grpc-js";
import { DURATION_BUCKETS, type Logger } from "@shop/common";
import { Histogram, type Registry } from "prom-client";
import type { CallObserver } from "./grpc/handlers.ts";

/** Codes for which somebody should look at the store or its database, and not at the client. */
const FAULTS: ReadonlyMap<status, "error" | "warn"> = new Map([
  [status.INTERNAL, "error"],
  [status.UNAVAILABLE, "warn"],
  [status.RESOURCE_EXHAUSTED, "warn"],
]);

/** Counts and times every call in `grpc_server_call_duration_seconds`, and writes one log line about it. */
export function observeCalls(registry: Registry, log: Logger): CallObserver {
  const duration = new Histogram({
    name: "grpc_server_call_duration_seconds",
    help: "Time from the start of a call of store.v1.StoreService to its status.",
    labelNames: ["grpc_method", "grpc_code"],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  return ({ method, code, seconds, error }) => {
    const name = status[code];
    duration.observe({ grpc_method: method, grpc_code: name }, seconds);
    const line = { method, code: name, ms: Math.round(seconds * 1_000) };
    const level = FAULTS.get(code);
    if (level !== undefined) log[level]({ ...line, err: error }, "call failed");
    else log.info(line, "call");
  };
}
