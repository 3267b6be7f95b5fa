import { once } from "node:events";
import type { RouteTable, ServiceRoutes } from "@perch/core";
import { startEdge } from "@perch/engine";
import { pino } from "pino";

// perch's edge by itself, with so many canaries of one service, all served by one back end.
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
const edge = await startEdge({
  listen: [{ host: "127.0.0.1", port: Number(port) }],
  table: () => table,
  logger: pino({ level: "warn" }),
});
await once(process, "SIGTERM");
await edge.close(0);
