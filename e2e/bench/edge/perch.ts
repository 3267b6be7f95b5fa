import { once } from "node:events";
import type { RouteTable, ServiceRoutes } from "@perch/core";
import { startEdge } from "@perch/engine";
import { pino } from "pino";
import { trackCanaryUse } from "../../../packages/engine/src/routes/canary-use.ts";
import { startRecorder } from "../../../packages/engine/src/status/measurements/index.ts";

// perch's edge with all that the engine has it do, so many canaries of one service, all served by one back end.
// perch.ts <port> <back end, host:port> <canaries>
const [port = "0", address = "", canaries = "1"] = process.argv.slice(2);

function tableOf(count: number): RouteTable {
  const backend = { service: "api", address, revision: "ab12cd34ef56" };
  const api: ServiceRoutes = {
    service: "api",
    protocol: "http",
    stable: { kind: "ready", backend },
    canaries: new Map(
      Array.from({ length: count }, (_, index) => [
        index + 1,
        { kind: "ready", backend: { ...backend, pr: index + 1 } },
      ]),
    ),
  };
  return {
    edgeHosts: ["localhost"],
    edgePrefixes: [{ prefix: "/", service: "api" }],
    services: new Map([["api", api]]),
  };
}

const table = tableOf(Number(canaries));
const use = trackCanaryUse({ idle: 900_000, wakeTimeout: 30_000, onChange: () => undefined });
const edge = await startEdge({
  listen: [{ host: "127.0.0.1", port: Number(port) }],
  table: () => table,
  logger: pino({ level: "warn" }),
  observe: startRecorder().observe,
  use,
});
await once(process, "SIGTERM");
await edge.close(0);
