import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type ListenAddress, listenOnAll } from "../listen.ts";
import { answer, answerOptions, answerRaw, parserRefusal } from "./answers.ts";
import { atMost, Backends } from "./backends.ts";
import { Delivery, type DeliveryContext } from "./delivery.ts";
import { type Exchange, hasBody, type Upgrade } from "./exchange.ts";
import { readRequestLines } from "./headers.ts";
import { badRequest, connectRefused } from "./refusals.ts";
import { readTarget } from "./target.ts";

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
  /** Takes no new connection, lets requests under way end for so many milliseconds, then ends what is left. */
  close(grace: number): Promise<void>;
}

export interface ServerOptions extends Omit<DeliveryContext, "backends"> {
  readonly listen: readonly ListenAddress[];
  readonly portHint: string;
  /** Milliseconds in which a client must send a request's headers, against clients that hold connections by sending slowly. */
  readonly headersTimeout?: number;
  /** Milliseconds in which a backend must accept a connection. */
  readonly connectTimeout?: number;
}

const HEADERS_TIMEOUT = 30_000;
const MAX_HEADER_SIZE = 32 * 1024;
/** Milliseconds that an idle client connection is kept; longer than usual clients keep theirs, so that they close first. */
const KEEP_ALIVE = 75_000;

/** Milliseconds between two looks for idle connections while closing. */
const IDLE_CHECK = 20;

/** @throws PerchError PORT_IN_USE, USAGE */
export async function startServer(options: ServerOptions): Promise<HttpRouter> {
  const backends = new Backends(options.connectTimeout);
  const clients = new Clients({ ...options, backends });
  const { servers, listening } = await listenOnAll({
    addresses: options.listen,
    createServer: () => clients.createServer(options.headersTimeout ?? HEADERS_TIMEOUT),
    portHint: options.portHint,
  });
  // Accepting can fail later too, for want of file descriptors; that must not end the engine.
  for (const server of servers)
    server.on("error", (error) => options.logger.error({ error }, "a listener failed"));
  let closed: Promise<void> | undefined;
  const close = async (grace: number) => {
    await clients.close(servers, grace);
    await backends.destroy();
  };
  return {
    listening,
    release: (address, timeout) => backends.release(address, timeout),
    close: (grace) => (closed ??= close(grace)),
  };
}

/** The side of a router that faces clients: it turns what arrives into exchanges. */
class Clients {
  readonly #context: DeliveryContext;
  /** Connections that left HTTP for another protocol: the server does not know them any more. */
  readonly #upgraded = new Set<Duplex>();
  /** The newest answer on each connection. */
  readonly #answers = new WeakMap<Duplex, ServerResponse>();
  #closing = false;

  constructor(context: DeliveryContext) {
    this.#context = context;
  }

  createServer(headersTimeout: number): Server {
    const server = createServer({
      maxHeaderSize: MAX_HEADER_SIZE,
      headersTimeout,
      connectionsCheckingInterval: Math.min(headersTimeout, 5_000),
      // Uploads take as long as they take.
      requestTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE,
      shouldUpgradeCallback: isWebSocket,
    });
    // The default drops headers past the 2000th without a word; their size is limited already.
    server.maxHeadersCount = 0;
    server.on("request", (req, res) => this.#serve({ req, res, awaitsContinue: false }));
    server.on("checkContinue", (req, res) => this.#serve({ req, res, awaitsContinue: true }));
    server.on("upgrade", (req, socket, head) => this.#serveUpgrade(req, { socket, head }));
    server.on("connect", (_req, socket) => answerRaw(socket.on("error", ignore), connectRefused()));
    server.on("clientError", (error, socket) => this.#refuseBytes(error, socket));
    return server;
  }

  async close(servers: readonly Server[], grace: number): Promise<void> {
    this.#closing = true;
    const closed = Promise.all(servers.map((server) => once(server.close(), "close")));
    // Connections that become idle only now: `close` looked for them just once.
    const idle = setInterval(() => {
      for (const server of servers) server.closeIdleConnections();
    }, IDLE_CHECK);
    await atMost(grace, closed);
    clearInterval(idle);
    for (const server of servers) server.closeAllConnections();
    for (const socket of this.#upgraded) socket.destroy();
    await closed;
  }

  #serve(exchange: Exchange): void {
    const { req, res } = exchange;
    this.#answers.set(req.socket, res);
    res.on("error", ignore);
    if (this.#closing) res.shouldKeepAlive = false;
    const { url = "" } = req;
    if (url === "*" && req.method === "OPTIONS") {
      answerOptions(res);
      return;
    }
    const { selectorLines, hostLines } = readRequestLines(req.rawHeaders);
    const target = hostLines > 1 ? undefined : readTarget(url, req.headers.host);
    if (target === undefined) {
      answer(
        exchange,
        badRequest("The request's target or Host cannot be forwarded. Send a path and one Host."),
      );
      return;
    }
    new Delivery(this.#context, exchange, { target, selectorLines }).start();
  }

  #serveUpgrade(req: IncomingMessage, upgrade: Upgrade): void {
    const { socket } = req;
    socket.on("error", ignore);
    // Node before 24.9 does not know `shouldUpgradeCallback` and hands over every upgrade, without the request's body.
    if (!isWebSocket(req)) {
      answerRaw(socket, badRequest("The only upgrade that is served is WebSocket. Ask without Upgrade."));
      return;
    }
    socket.setTimeout(0);
    this.#upgraded.add(socket);
    socket.once("close", () => this.#upgraded.delete(socket));
    const res = new ServerResponse(req);
    res.shouldKeepAlive = false;
    res.assignSocket(socket);
    res.once("finish", () => {
      res.detachSocket(socket);
      socket.destroySoon();
    });
    this.#serve({ req, res, awaitsContinue: false, upgrade });
  }

  /** Bytes that are not a request: answered, unless that would land in the middle of another answer. */
  #refuseBytes(error: Error, socket: Duplex): void {
    const last = this.#answers.get(socket);
    const between = last === undefined || last.writableFinished;
    const unanswered = last?.socket === socket && !last.headersSent;
    if (socket.writable && (between || unanswered)) answerRaw(socket, parserRefusal(error));
    else socket.destroy();
  }
}

/**
 * Only WebSocket is passed on. Any other upgrade is ignored, as RFC 9110 (7.8) allows, and the request served as it is:
 * an `h2c` connection behind the router's back would carry requests that it never routes.
 */
function isWebSocket(req: IncomingMessage): boolean {
  return req.method === "GET" && req.headers.upgrade?.toLowerCase() === "websocket" && !hasBody(req);
}

function ignore(): void {}
