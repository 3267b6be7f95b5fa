import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Identity, invalidSelectorCount } from "@perch/context";
import { Counter, collectDefaultMetrics, Registry } from "prom-client";
import { identityLabels } from "./identity.ts";

/** Seconds; fine around the latencies of one hop on one machine, coarse up to the longest deadline. */
export const DURATION_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Milliseconds between looks at the event loop. The default of 10 takes one per cent of a core from every idle process. */
const EVENT_LOOP_SAMPLING = 100;

/**
 * A registry of its own (no global state) with Node's default metrics and the invalid selectors that arrived; every series says
 * which variant it is from.
 */
export function createRegistry(identity: Identity): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service: identity.service, ...identityLabels(identity) });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLING });
  countInvalidSelectors(registry);
  return registry;
}

/** The library counts for the whole process; a scrape reads it. Each reason is there from 0 on, so that the first is not lost. */
function countInvalidSelectors(registry: Registry): void {
  new Counter({
    name: "perch_invalid_selectors_total",
    help: "X-Canary of requests that is none, and was treated as absent, by reason.",
    labelNames: ["reason"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(invalidSelectorCount())) this.inc({ reason }, count);
    },
  });
}

/** A server that answers scrapes. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` in the Prometheus text format, for a service that has no HTTP server of its own.
 * @param port 0 lets the system choose; undefined: there is no such server.
 */
export async function serveMetrics(
  registry: Registry,
  host: string,
  port: number | undefined,
): Promise<MetricsServer | undefined> {
  if (port === undefined) return undefined;
  const server = createServer(async (request, response) => {
    if (request.method !== "GET" || request.url?.split("?")[0] !== "/metrics") {
      response.writeHead(404).end("Metrics are at GET /metrics.\n");
      return;
    }
    response.writeHead(200, { "content-type": registry.contentType }).end(await registry.metrics());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
