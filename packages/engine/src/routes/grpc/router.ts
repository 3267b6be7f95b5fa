import type { Server } from "node:net";
import type { RouteTable } from "@perch/core";
import type { Logger } from "pino";
import { atMost } from "../at-most.ts";
import type { CanaryUse } from "../canary-use.ts";
import { type ClientLimit, unlimited } from "../client-limit.ts";
import { type ListenAddress, listenOnAll } from "../listen.ts";
import type { Observe } from "../observe.ts";
import { Backends } from "./backends.ts";
import { Clients, type OnCall } from "./clients.ts";
import { forward } from "./forward.ts";

export interface GrpcRouterOptions {
  /** Port 0: any free port, the same one on every address. */
  readonly listen: readonly ListenAddress[];
  /** The apex service that callers dial here. */
  readonly service: string;
  /** Called once for each attempt to deliver a call: one snapshot decides the whole of it. */
  readonly table: () => RouteTable;
  readonly logger: Logger;
  /** Shared by all that take connections of clients; absent: there is none. */
  readonly limit?: ClientLimit;
  /** Told how each call went; absent: nobody is. */
  readonly observe?: Observe;
  /** Holds calls for canaries that sleep; absent: none does. */
  readonly use?: CanaryUse;
}

/** A running router. */
export interface GrpcRouter {
  /** What it is bound to. */
  readonly listening: readonly ListenAddress[];
  /**
   * Called after the table stopped pointing at an address (`host:port`): resolves when no call to it is under way and
   * the connections to it are closed, so that its process can stop without failing a call; or after the time-out
   * (milliseconds), with what is left going on until it ends. Works again if routed to again.
   */
  release(address: string, timeout: number): Promise<void>;
  /** Takes no new call, lets calls under way end for so many milliseconds or until it is hurried, then ends what is left. */
  close(grace: number, hurry?: AbortSignal): Promise<void>;
}

/**
 * The apex address of one gRPC service: HTTP/2 without TLS (prior knowledge). Each call goes to the backend that its
 * selector asks for, also when many share a connection.
 * @throws PerchError PORT_IN_USE, USAGE
 */
export async function startGrpcRouter(options: GrpcRouterOptions): Promise<GrpcRouter> {
  const { logger } = options;
  const backends = new Backends();
  const context = { ...options, backends };
  const onCall: OnCall = (call, headers, raw) => void forward(call, headers, raw, context);
  const clients = new Clients(onCall, logger, options.limit ?? unlimited(options.logger));
  const { servers, listening } = await listenOnAll({
    addresses: options.listen,
    createServer: () => clients.createServer(),
    portHint: "Stop that program, or let perch choose a free port (0).",
  });
  // Accepting can fail later too, for want of file descriptors; that must not end the engine.
  for (const server of servers) server.on("error", (error) => logger.error({ error }, "a listener failed"));
  const close = async (grace: number, hurry?: AbortSignal) => {
    await closeClients(servers, clients, grace, hurry);
    backends.destroy();
  };
  let closed: Promise<void> | undefined;
  return {
    listening,
    release: (address, timeout) => backends.release(address, timeout),
    close: (grace, hurry) => (closed ??= close(grace, hurry)),
  };
}

async function closeClients(
  servers: readonly Server[],
  clients: Clients,
  grace: number,
  hurry?: AbortSignal,
): Promise<void> {
  const closed = Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  clients.close();
  await atMost(grace, closed, hurry);
  clients.destroy();
  await closed;
}
