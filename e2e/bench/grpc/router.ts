import { once } from "node:events";
import type { RouteTable } from "@perch/core";
import { startGrpcRouter } from "@perch/engine";
import { pino } from "pino";

// perch's gRPC router by itself. router.ts <port> <back end, host:port>
const [port = "0", address = ""] = process.argv.slice(2);
const backend = { service: "store", address, revision: "ab12cd34ef56" };
const table: RouteTable = {
  edgeHosts: [],
  edgePrefixes: [],
  services: new Map([
    [
      "store",
      {
        service: "store",
        protocol: "grpc",
        stable: { kind: "ready", backend },
        canaries: new Map([[7, { kind: "ready", backend: { ...backend, pr: 7 } }]]),
      },
    ],
  ]),
};
const router = await startGrpcRouter({
  listen: [{ host: "127.0.0.1", port: Number(port) }],
  service: "store",
  table: () => table,
  logger: pino({ level: "warn" }),
});
await once(process, "SIGTERM");
await router.close(0);
