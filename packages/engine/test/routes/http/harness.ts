import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  type Server,
} from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { Availability, RouteTable, ServiceRoutes } from "@perch/core";
import { pino } from "pino";
import type { HttpRouter } from "../../../src/routes/http/index.ts";
import { routeAtEdge } from "../../../src/routes/http/routing.ts";
import { type ServerOptions, startServer } from "../../../src/routes/http/server.ts";

export const silent = pino({ level: "silent" });

export interface TestBackend {
  readonly address: string;
  readonly server: Server;
  /** Ends it as the end of a process would: every connection is gone at once. */
  close(): Promise<void>;
}

/** A real HTTP server on loopback. */
export async function startBackend(handler: RequestListener): Promise<TestBackend> {
  const server = createServer(handler);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server.close(), "close");
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { address: addressOf(server), server, close };
}

/** The same, ended with its test. */
export async function backend(t: TestContext, handler: RequestListener): Promise<TestBackend> {
  const started = await startBackend(handler);
  t.after(() => started.close());
  return started;
}

export function addressOf(server: { address(): AddressInfo | string | null }): string {
  const { port } = server.address() as AddressInfo;
  return `127.0.0.1:${port}`;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const port = Number(addressOf(server).split(":")[1]);
  await once(server.close(), "close");
  return port;
}

export interface Unready {
  readonly state: string;
  readonly isComing?: true;
  readonly holds?: true;
}

export interface Variants {
  /** Address of stable; absent: not ready. */
  readonly stable?: string;
  /** By PR: an address, or a state in which it is not ready. */
  readonly canaries?: Readonly<Record<number, { address: string } | Unready>>;
  readonly prefix?: string;
}

/** A route table; the edge host is `localhost`. */
export function tableOf(services: Readonly<Record<string, Variants>>): RouteTable {
  const routes = Object.entries(services).map(([service, { stable, canaries = {} }]): ServiceRoutes => {
    const ready = (address: string, pr?: number): Availability => ({
      kind: "ready",
      backend: { service, address, revision: "0123456789ab", ...(pr === undefined ? {} : { pr }) },
    });
    const unready = (how: Unready): Availability => ({
      kind: "unready",
      detail: "It is on its way.",
      ...how,
    });
    return {
      service,
      protocol: "http",
      stable: stable === undefined ? unready({ state: "starting" }) : ready(stable),
      canaries: new Map(
        Object.entries(canaries).map(([pr, at]) => [
          Number(pr),
          "address" in at ? ready(at.address, Number(pr)) : unready(at),
        ]),
      ),
    };
  });
  const edgePrefixes = Object.entries(services)
    .flatMap(([service, { prefix }]) => (prefix === undefined ? [] : [{ prefix, service }]))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return {
    edgeHosts: ["localhost"],
    edgePrefixes,
    services: new Map(routes.map((route) => [route.service, route])),
  };
}

export interface TestEdge {
  readonly port: number;
  readonly router: HttpRouter;
}

/** An edge for a table that may change; ended with its test. */
export async function edge(
  t: TestContext,
  table: RouteTable | (() => RouteTable),
  options: Partial<ServerOptions> = {},
): Promise<TestEdge> {
  const current = typeof table === "function" ? table : () => table;
  const router = await startServer({
    listen: [{ host: "127.0.0.1", port: 0 }],
    portHint: "",
    trusts: () => false,
    logger: silent,
    route: (request) => routeAtEdge(current(), request),
    ...options,
  });
  t.after(() => router.close(0));
  return { router, port: router.listening[0]?.port ?? 0 };
}

/** An edge with one service behind `/`, all of it served by one handler. */
export async function edgeFor(
  t: TestContext,
  handler: RequestListener,
): Promise<TestEdge & { backend: TestBackend }> {
  const stable = await backend(t, handler);
  return { ...(await edge(t, tableOf({ api: { stable: stable.address, prefix: "/" } }))), backend: stable };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly trailers: IncomingMessage["trailers"];
  readonly body: string;
}

/** Sends a request on a connection of its own (unless an agent is given) and reads the whole answer. */
export async function send(port: number, options: RequestOptions & { body?: string } = {}): Promise<Answer> {
  const { body, ...rest } = options;
  const request = httpRequest({ host: "127.0.0.1", port, agent: false, ...rest });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return read(response);
}

export async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { statusCode = 0, headers, rawHeaders, trailers } = response;
  return { status: statusCode, headers, rawHeaders, trailers, body: Buffer.concat(chunks).toString() };
}

/** Reads a request's body whole. */
export async function bodyOf(message: IncomingMessage): Promise<string> {
  return (await read(message)).body;
}

/** A bare connection, to send what no HTTP client would; ended with its test. */
export async function rawSocket(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Everything that comes on a connection until the other side ends it. */
export async function untilEnd(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}
