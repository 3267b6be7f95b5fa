import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { RouteTable } from "@perch/core";
import type { Logger } from "pino";
import { type ListenAddress, listenOnAll } from "../listen.ts";
import { type ForwardContext, forward } from "./forward.ts";
import { openSessions } from "./sessions.ts";

export interface GrpcRouterOptions {
  readonly listen: readonly ListenAddress[];
  /** The apex service that callers dial here. */
  readonly service: string;
  /** The route table now; read once per call. */
  readonly table: () => RouteTable;
  readonly logger: Logger;
}

/** The apex address of one gRPC service: each call goes to the backend that its selector asks for. */
export interface GrpcRouter {
  readonly listening: readonly ListenAddress[];
  /** Resolves when no call to a backend is under way and its connections are closed, or after the time-out (milliseconds). */
  release(address: string, timeoutMs: number): Promise<void>;
  /** Takes no new call, lets those under way end within the grace (milliseconds). */
  close(graceMs: number): Promise<void>;
}

/** As for backends: a window never limits loopback. Streams are bounded, so that one client cannot take all memory. */
const SETTINGS = { initialWindowSize: 1024 * 1024, maxConcurrentStreams: 1000 };
const SESSION_WINDOW = 16 * 1024 * 1024;

/** Listens for HTTP/2 without TLS. @throws PerchError PORT_IN_USE */
export async function startGrpcRouter(options: GrpcRouterOptions): Promise<GrpcRouter> {
  const { service, table, logger } = options;
  const sessions = openSessions();
  const context: ForwardContext = { service, table, sessions };
  const clients = new Set<ServerHttp2Session>();

  const { servers, listening } = await listenOnAll<Http2Server>({
    addresses: options.listen,
    createServer: () => createRouterServer(context, clients, logger),
    portHint: "Apex ports are chosen by the engine; stop what takes it, or start again.",
  });
  return {
    listening,
    release: (address, timeout) => sessions.release(address, timeout),
    close: async (grace) => {
      await Promise.all(servers.map((server) => closeServer(server, clients, grace)));
      sessions.destroy();
    },
  };
}

function createRouterServer(
  context: ForwardContext,
  clients: Set<ServerHttp2Session>,
  logger: Logger,
): Http2Server {
  const server = createServer({ settings: SETTINGS });
  server.on("session", (session) => {
    session.setLocalWindowSize(SESSION_WINDOW);
    clients.add(session);
    session.once("close", () => clients.delete(session));
  });
  // A client that breaks the protocol ends its own connection and nothing else.
  server.on("sessionError", (error) => logger.debug({ err: error }, "a gRPC client's connection failed"));
  server.on("stream", (call, headers, _flags, raw) => {
    call.on("error", (error) => logger.debug({ err: error }, "a gRPC call failed"));
    void forward(call, headers, raw as unknown as string[], context);
  });
  return server;
}

async function closeServer(
  server: Http2Server,
  clients: ReadonlySet<ServerHttp2Session>,
  grace: number,
): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  for (const session of clients) session.close();
  const timer = setTimeout(() => {
    for (const session of clients) session.destroy();
  }, grace);
  await closed;
  clearTimeout(timer);
}
