import { setTimeout as sleep } from "node:timers/promises";
import { type ChannelOptions, Client, credentials } from "@grpc/grpc-js";
import type { Readiness } from "@perch/core";
import { service as health } from "grpc-health-check";
import { Agent, request } from "undici";

/** Milliseconds for one probe. */
const PROBE_TIMEOUT = 1_000;
/** Milliseconds between probes: short at first, since a start's own time is what a developer waits for. */
const FIRST_PAUSE = 25;
const LONGEST_PAUSE = 500;

/** Without the proxy that the environment may name for all others (`NODE_USE_ENV_PROXY`). */
const direct = new Agent();

/** One probe. */
export function isReadyNow(address: string, readiness: Readiness): Promise<boolean> {
  return probeOf(address, readiness)();
}

/** Probes until the process is ready or the signal aborts; rejects only on abort. */
export async function waitUntilReady(
  address: string,
  readiness: Readiness,
  signal: AbortSignal,
): Promise<void> {
  const probe = probeOf(address, readiness);
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    signal.throwIfAborted();
    if (await probe()) return;
    await sleep(pause, undefined, { signal });
  }
}

function probeOf(address: string, readiness: Readiness): () => Promise<boolean> {
  return readiness.kind === "grpc" ? probeGrpc(address) : () => probeHttp(address, readiness.path);
}

/** Ready is any 2xx answer. */
async function probeHttp(address: string, path: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`http://${address}${path}`, {
      dispatcher: direct,
      signal: AbortSignal.timeout(PROBE_TIMEOUT),
      reset: true,
    });
    await body.dump();
    return statusCode >= 200 && statusCode < 300;
  } catch {
    return false;
  }
}

// The channel's own back-off would add up to a second to every start.
const CHANNEL: ChannelOptions = {
  "grpc.initial_reconnect_backoff_ms": 25,
  "grpc.max_reconnect_backoff_ms": 200,
};

/** Ready is SERVING for the whole server, https://github.com/grpc/grpc/blob/master/doc/health-checking.md. */
function probeGrpc(address: string): () => Promise<boolean> {
  const { Check } = health;
  return () =>
    new Promise((resolve) => {
      const client = new Client(address, credentials.createInsecure(), CHANNEL);
      const finish = (ready: boolean) => {
        client.close();
        resolve(ready);
      };
      if (Check === undefined) return finish(false);
      const deadline = Date.now() + PROBE_TIMEOUT;
      client.makeUnaryRequest(
        Check.path,
        Check.requestSerialize,
        Check.responseDeserialize,
        { service: "" },
        { deadline },
        (error, response) => finish(error === null && isServing(response)),
      );
    });
}

function isServing(response: unknown): boolean {
  const status = (response as { status?: unknown } | undefined)?.status;
  return status === "SERVING" || status === 1;
}
