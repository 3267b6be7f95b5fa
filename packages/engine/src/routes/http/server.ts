import { type ClientLimit, unlimited } from "../client-limit.ts";
import { type ListenAddress, listenOnAll } from "../listen.ts";
import type { ServerCertificate } from "../tls/certificate.ts";
import { Backends } from "./backends.ts";
import { Clients } from "./clients.ts";
import type { DeliveryContext } from "./delivery.ts";

/** A running router. */
export interface HttpRouter {
  /** What it is bound to. */
  readonly listening: readonly ListenAddress[];
  /**
   * Called after the table stopped pointing at an address (`host:port`): resolves when no request or WebSocket to it is
   * under way and the pooled connections to it are closed, so that its process can stop without failing a request; or
   * after the time-out (milliseconds), with what is left going on until it ends. Works again if routed to again.
   */
  release(address: string, timeout: number): Promise<void>;
  /** Takes no new connection, lets requests under way end for so many milliseconds or until it is hurried, then ends what is left. */
  close(grace: number, hurry?: AbortSignal): Promise<void>;
}

export interface ServerOptions extends Omit<DeliveryContext, "backends"> {
  readonly listen: readonly ListenAddress[];
  /** Shared by all that take connections of clients; absent: there is none. */
  readonly limit?: ClientLimit;
  readonly portHint: string;
  /** For TLS; absent: without. */
  readonly certificate?: ServerCertificate;
  /** Milliseconds in which a client must send a request's headers, against clients that hold connections by sending slowly. */
  readonly headersTimeout?: number;
  /** Milliseconds in which a backend must accept a connection. */
  readonly connectTimeout?: number;
}

const HEADERS_TIMEOUT = 30_000;

/** @throws PerchError PORT_IN_USE, USAGE */
export async function startServer(options: ServerOptions): Promise<HttpRouter> {
  const backends = new Backends(options.connectTimeout);
  const clients = new Clients({ ...options, backends }, options.limit ?? unlimited(options.logger));
  const { servers, listening } = await listenOnAll({
    addresses: options.listen,
    createServer: () => clients.createServer(options.headersTimeout ?? HEADERS_TIMEOUT, options.certificate),
    portHint: options.portHint,
  });
  // Accepting can fail later too, for want of file descriptors; that must not end the engine.
  for (const server of servers)
    server.on("error", (error) => options.logger.error({ error }, "a listener failed"));
  let closed: Promise<void> | undefined;
  const close = async (grace: number, hurry?: AbortSignal) => {
    await clients.close(servers, grace, hurry);
    await backends.destroy();
  };
  return {
    listening,
    release: (address, timeout) => backends.release(address, timeout),
    close: (grace, hurry) => (closed ??= close(grace, hurry)),
  };
}
