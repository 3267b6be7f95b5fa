import { once } from "node:events";
import { createServer } from "node:http";
import type { Identity } from "@perch/context";
import type { CaseRequest } from "../../src/index.ts";
import { type Callee, startGrpcBackend, startHttpBackend } from "./backend.ts";
import { requestGrpc, requestHttp } from "./requests.ts";

// One process that is every service of a world, each on its own port, and a caller inside: where routers run, such as in
// a pod. WORLD: what it is, as JSON.

/** One variant of a service. */
export interface WorldProcessVariant {
  readonly identity: Identity;
  readonly protocol: "http" | "grpc";
  readonly port: number;
  readonly callees: readonly Callee[];
}

/** What the caller inside is asked for: a case's request to the apex address of a service. */
export interface InsideRequest {
  /** `host:port`, as callers are given it. */
  readonly address: string;
  readonly protocol: "http" | "grpc";
  readonly request: CaseRequest & { readonly apex: string };
}

/** Answers `InsideRequest` by POST with what was observed; GET says that all listens. */
export const CALLER_PORT = 9999;

async function main(): Promise<void> {
  const variants = JSON.parse(process.env.WORLD ?? "[]") as WorldProcessVariant[];
  for (const { identity, protocol, port, callees } of variants) {
    const at = { host: "0.0.0.0", port };
    await (protocol === "grpc" ? startGrpcBackend(identity, at) : startHttpBackend(identity, callees, at));
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method !== "POST") {
      response.end("ready");
      return;
    }
    const observed = observe(JSON.parse(Buffer.concat(chunks).toString()) as InsideRequest);
    await observed.then(
      (value) => response.end(JSON.stringify(value)),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await once(server.listen(CALLER_PORT, "0.0.0.0"), "listening");
}

function observe({ address, protocol, request }: InsideRequest) {
  return protocol === "grpc"
    ? requestGrpc(address, request.apex, request.lines)
    : requestHttp(address, request);
}

if (process.env.WORLD !== undefined) await main();
