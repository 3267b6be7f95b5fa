import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { atMost } from "../at-most.ts";
import type { ClientLimit } from "../client-limit.ts";
import { PROBED } from "../probed.ts";
import type { ServerCertificate } from "../tls/certificate.ts";
import { answer, answerOptions, answerRaw, parserRefusal } from "./answers.ts";
import { Connections } from "./connections.ts";
import { Delivery, type DeliveryContext } from "./delivery.ts";
import type { Exchange, Upgrade } from "./exchange.ts";
import { readRequestLines } from "./headers.ts";
import { Http1Exchange, hasBody } from "./http1.ts";
import { Http2Exchange } from "./http2.ts";
import { KEEP_ALIVE, MAX_HEADER_SIZE } from "./limits.ts";
import { badRequest, connectRefused } from "./refusals.ts";
import { createSecureServer } from "./secure.ts";
import { readTarget } from "./target.ts";

/** Milliseconds between two looks for idle connections while closing. */
const IDLE_CHECK = 20;

/** The side of a router that faces clients: it turns what arrives into exchanges. */
export class Clients {
  readonly #context: DeliveryContext;
  readonly #connections: Connections;
  #closing = false;

  constructor(context: DeliveryContext, limit: ClientLimit) {
    this.#context = context;
    this.#connections = new Connections(limit);
  }

  /** @param headersTimeout milliseconds. @param certificate absent: without TLS, and HTTP/1 only. */
  createServer(headersTimeout: number, certificate?: ServerCertificate): NetServer {
    const options = {
      ...PROBED,
      maxHeaderSize: MAX_HEADER_SIZE,
      headersTimeout,
      connectionsCheckingInterval: Math.min(headersTimeout, 5_000),
      // Uploads take as long as they take.
      requestTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE,
    };
    const server =
      certificate === undefined
        ? createServer({ ...options, shouldUpgradeCallback: isWebSocket })
        : createSecureServer(certificate, options, isWebSocket);
    // Both emit the same events, which their types do not say.
    this.#serveAll(server as Server);
    this.#connections.watch(server as Server, certificate !== undefined);
    return server;
  }

  async close(servers: readonly NetServer[], grace: number, hurry?: AbortSignal): Promise<void> {
    this.#closing = true;
    const closed = Promise.all(servers.map((server) => once(server, "close")));
    for (const server of servers) server.close();
    // Connections that become idle only now: `close` looked for them just once.
    const idle = setInterval(() => {
      for (const server of servers as Server[]) server.closeIdleConnections();
    }, IDLE_CHECK);
    await atMost(grace, closed, hurry);
    clearInterval(idle);
    this.#connections.destroy();
    await closed;
  }

  #serveAll(server: Server): void {
    // The default drops headers past the 2000th without a word; their size is limited already.
    server.maxHeadersCount = 0;
    server.on("request", (req, res) => this.#serveRequest(req, res, false));
    server.on("checkContinue", (req, res) => this.#serveRequest(req, res, true));
    server.on("upgrade", (req, socket, head) => this.#serveUpgrade(req, socket, head));
    server.on("connect", (req, client: Duplex | Http2ServerResponse) => refuseConnect(req, client));
    server.on("clientError", (error, socket) => this.#refuseBytes(error, socket));
  }

  #serveRequest(
    req: IncomingMessage | Http2ServerRequest,
    res: ServerResponse | Http2ServerResponse,
    awaitsContinue: boolean,
  ): void {
    if (isHttp2(res)) {
      this.#serve(new Http2Exchange(req as Http2ServerRequest, res, awaitsContinue));
      return;
    }
    this.#serveHttp1(req as IncomingMessage, res, { awaitsContinue });
  }

  #serveHttp1(
    req: IncomingMessage,
    res: ServerResponse,
    how: { awaitsContinue: boolean; upgrade?: Upgrade },
  ): void {
    this.#connections.answering(req.socket, res);
    res.on("error", ignore);
    if (this.#closing) res.shouldKeepAlive = false;
    const scheme = req.socket instanceof TLSSocket ? "https" : "http";
    this.#serve(new Http1Exchange(req, res, { ...how, scheme }));
  }

  #serve(exchange: Exchange): void {
    const { url } = exchange;
    if (url === "*" && exchange.method === "OPTIONS") {
      answerOptions(exchange);
      return;
    }
    const { selectorLines, hostLines } = readRequestLines(exchange.lines);
    const target = hostLines > 1 ? undefined : readTarget(url, exchange.host);
    if (target === undefined) {
      const detail = "The request's target or Host cannot be forwarded. Send a path and one Host.";
      answer(exchange, badRequest(detail));
      return;
    }
    new Delivery(this.#context, exchange, { target, selectorLines }).start();
  }

  #serveUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", ignore);
    // Node before 24.9 does not know `shouldUpgradeCallback` and hands over every upgrade, without the request's body.
    if (!isWebSocket(req)) {
      answerRaw(socket, badRequest("The only upgrade that is served is WebSocket. Ask without Upgrade."));
      return;
    }
    req.socket.setTimeout(0);
    const res = new ServerResponse(req);
    res.shouldKeepAlive = false;
    res.assignSocket(req.socket);
    res.once("finish", () => {
      res.detachSocket(req.socket);
      req.socket.destroySoon();
    });
    // Nobody reads from it before the backend agrees: what comes early stays in the socket, and an end that comes before any of
    // it is seen. Then the client has given up, as a WebSocket ends with a Close frame at the least.
    const leave = () => socket.end();
    if (head.length === 0) socket.once("end", leave);
    const detach = () => {
      socket.off("end", leave);
      res.detachSocket(req.socket);
    };
    const upgrade = { socket, head, detach };
    this.#serveHttp1(req, res, { awaitsContinue: false, upgrade });
  }

  /** Bytes that are not a request: answered, unless that would land in the middle of another answer. */
  #refuseBytes(error: Error, socket: Duplex): void {
    const isHandshake = socket instanceof TLSSocket && !this.#connections.has(socket);
    const last = this.#connections.answerOn(socket);
    const between = last === undefined || last.writableFinished;
    const unanswered = last?.socket === socket && !last.headersSent;
    if (socket.writable && !isHandshake && (between || unanswered)) answerRaw(socket, parserRefusal(error));
    else socket.destroy();
  }
}

function isHttp2(res: ServerResponse | Http2ServerResponse): res is Http2ServerResponse {
  return "stream" in res;
}

/** A router is not a proxy to anywhere. */
function refuseConnect(
  req: IncomingMessage | Http2ServerRequest,
  client: Duplex | Http2ServerResponse,
): void {
  if ("stream" in client)
    answer(new Http2Exchange(req as Http2ServerRequest, client, false), connectRefused());
  else answerRaw(client.on("error", ignore), connectRefused());
}

/**
 * Only WebSocket is passed on. Any other upgrade is ignored, as RFC 9110 (7.8) allows, and the request served as it is:
 * an `h2c` connection behind the router's back would carry requests that it never routes.
 */
function isWebSocket(req: IncomingMessage): boolean {
  return req.method === "GET" && req.headers.upgrade?.toLowerCase() === "websocket" && !hasBody(req);
}

function ignore(): void {}
