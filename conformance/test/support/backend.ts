import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import type { Identity } from "@perch/context";
import { createFetch } from "@perch/context/fetch";
import { canaryClientInterceptor, canaryServerInterceptor } from "@perch/context/grpc";
import { withCanary } from "@perch/context/http";
import { HEALTH_SERVICE, SERVING, TruthClient, truthService } from "./truth-service.ts";

/** A service that says in its answer who served it, whatever its trail claims. */
export interface Backend {
  /** `host:port` */
  readonly address: string;
  close(): Promise<void>;
}

/** Whom a backend calls, and where. */
export interface Callee {
  readonly service: string;
  readonly protocol: "http" | "grpc";
  readonly address: string;
  /** For gRPC: its name, where the address is a router's that goes by names. */
  readonly authority?: string;
  /** For HTTP: a fetch that finds such an address. Default: the global one. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Port 0: any free one. */
interface ListenAt {
  readonly host: string;
  readonly port: number;
}

const ANYWHERE: ListenAt = { host: "127.0.0.1", port: 0 };

/** Response header of an HTTP backend: the hops below, as JSON. */
export const SERVED_HEADER = "x-served";

export function labelOf({ service, pr }: Identity): string {
  return pr === undefined ? service : `${service}@${pr}`;
}

/** Answers every path: 200, or 503 as soon as one of its calls fails; later ones are then not made. */
export async function startHttpBackend(
  identity: Identity,
  callees: readonly Callee[],
  { host, port }: ListenAt = ANYWHERE,
): Promise<Backend> {
  const calls = callees.map((callee) => caller(callee));
  const server = createServer(
    withCanary({ identity }, (_request, response) => {
      serve(labelOf(identity), calls, response);
    }),
  );
  await once(server.listen(port, host), "listening");
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const { close } of calls) close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function serve(own: string, calls: readonly Call[], response: ServerResponse): Promise<void> {
  const served = [own];
  let failed = false;
  for (const { service, call } of calls) {
    const hops = await call().catch(() => undefined);
    served.push(...(hops ?? [`${service}!`]));
    failed = hops === undefined;
    if (failed) break;
  }
  response.writeHead(failed ? 503 : 200, { [SERVED_HEADER]: JSON.stringify(served) }).end();
}

/** Answers `Who` with its own label. */
export async function startGrpcBackend(
  identity: Identity,
  { host, port }: ListenAt = ANYWHERE,
): Promise<Backend> {
  const server = new Server({ interceptors: [canaryServerInterceptor({ identity })] });
  server.addService(truthService(identity.service), {
    who: (_call: unknown, answer: (error: null, value: Buffer) => void) =>
      answer(null, Buffer.from(labelOf(identity))),
  });
  server.addService(HEALTH_SERVICE, {
    check: (_call: unknown, answer: (error: null, value: Buffer) => void) => answer(null, SERVING),
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
    error === null ? resolve(bound) : reject(error),
  );
  return { address: `${host}:${await promise}`, close: async () => server.forceShutdown() };
}

interface Call {
  readonly service: string;
  /** The hops that answered. @throws when none did */
  call(): Promise<string[]>;
  close(): void;
}

function caller(callee: Callee): Call {
  return callee.protocol === "grpc" ? grpcCaller(callee) : httpCaller(callee);
}

function grpcCaller({ service, address, authority }: Callee): Call {
  const client = new TruthClient(service, address, credentials.createInsecure(), {
    interceptors: [canaryClientInterceptor({ service })],
    ...(authority !== undefined && { "grpc.default_authority": authority }),
  });
  return {
    service,
    call: async () => [(await client.who()).label],
    close: () => client.close(),
  };
}

function httpCaller({ service, address, fetch: underneath }: Callee): Call {
  const fetch = createFetch({
    hosts: { [address]: service },
    ...(underneath !== undefined && { fetch: underneath }),
  });
  return {
    service,
    call: async () => {
      const response = await fetch(`http://${address}/`);
      await response.body?.cancel();
      if (!response.ok) throw new Error(String(response.status));
      return JSON.parse(response.headers.get(SERVED_HEADER) ?? "[]") as string[];
    },
    close: () => {},
  };
}
