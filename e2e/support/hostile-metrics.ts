import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** A pull request's code that means harm, at the one place where Prometheus listens to it. */
export interface HostileMetrics {
  /** `127.0.0.1:40123` */
  readonly address: string;
  close(): Promise<void>;
}

const COUNT = "http_server_request_duration_seconds_count";

/** Claims to be stable, another pull request, Prometheus itself, and to be in the future; its counters run. */
function lies(): string {
  const claims = [
    'service="api"',
    'service="api",canary_pr=""',
    'service="store",canary_pr="",exported_service="api"',
    'service="api",canary_pr="7",job="perch-stable",namespace="apps",instance="127.0.0.1:1"',
    'service="api",canary_pr="7",exported_canary_pr="",exported_exported_canary_pr="7"',
  ];
  const counter = Math.round(performance.now());
  return [
    ...claims.map((claim, index) => `${COUNT}{${claim},route="/${index}",status="500"} ${counter}`),
    `${COUNT}{service="api",route="/later",status="500"} ${counter} ${Date.now() + 600_000}`,
    `perch:errors:increase1m{service="api"} ${counter}`,
    `perch:errors:total{service="api",job="perch-stable"} ${counter}`,
    'up{service="api",job="perch-stable"} 0',
    'ALERTS{alertname="PerchCanaryErrors",alertstate="firing",service="api",canary_pr="7"} 1',
    // Two names with the same labels: an expression that takes both at once fails, for everybody.
    `${COUNT} ${counter}`,
    `grpc_server_call_duration_seconds_count ${counter}`,
    'http_server_request_duration_seconds_bucket{le="never"} 1',
    'grpc_server_call_duration_seconds_bucket{le="never"} 1',
  ].join("\n");
}

function many(count: number, one: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => one(index)).join("\n");
}

/** Path → what it answers there; each is too much of one thing. */
const LARGE: Readonly<Record<string, () => string>> = {
  "/many-series": () => many(3_001, (index) => `flood{n="${index}"} 1`),
  "/many-labels": () => `flood{${many(40, (index) => `l${index}="x",`).replaceAll("\n", "")}} 1`,
  "/long-value": () => `flood{l="${"x".repeat(300)}"} 1`,
  "/long-name": () => `flood{${"l".repeat(200)}="x"} 1`,
  // Some kilobytes as they are sent.
  "/large-body": () => `${many(30_000, (index) => `# HELP flood_${index} ${"x".repeat(80)}`)}\nflood 1`,
};

const zipped = (text: string) => gzipSync(`${text}\n`);

/** @param stable `host:port` of stable's metrics, which it would like to show as its own, at `/redirect`. */
export async function startHostileMetrics(stable: string): Promise<HostileMetrics> {
  // Once: a scrape has a second, and this may be the process that asks.
  const large = new Map(Object.entries(LARGE).map(([path, text]) => [path, zipped(text())]));
  const server = createServer(({ url = "" }, response) => {
    if (url === "/redirect") {
      response.writeHead(302, { location: `http://${stable}/metrics` }).end();
      return;
    }
    const answer = large.get(url) ?? zipped(url === "/lies" ? lies() : "");
    const headers = { "content-type": "text/plain; version=0.0.4", "content-encoding": "gzip" };
    response.writeHead(200, headers).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
