import {
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import type { Logger } from "pino";
import type { ClientHolder, ClientLimit, Idleness } from "../client-limit.ts";
import { StreamUse } from "../stream-use.ts";
import type { RawHeaders } from "./headers.ts";
import { CLIENT_OPTIONS, SESSION_WINDOW } from "./settings.ts";
import { destroyWhenClosed } from "./streams.ts";

/** Called for each stream that a client opens. */
export type OnCall = (call: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: RawHeaders) => void;

/** What begins every HTTP/2 connection (RFC 9113, section 3.4); no HTTP/1 request can begin so. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Milliseconds that a client has to send its first byte, and to read a refusal. */
const PATIENCE = 10_000;

/** Milliseconds in which a client whose session has ended learns why before its socket is gone. */
const TIME_TO_HANG_UP = 1000;

const REFUSAL =
  "HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n" +
  "This address takes gRPC calls only: HTTP/2 without TLS, from the first byte (h2c with prior knowledge).\n";

/** The connections of clients: HTTP/2 sessions, and those that have not said yet what they are. */
export class Clients implements ClientHolder {
  readonly #onCall: OnCall;
  readonly #logger: Logger;
  readonly #limit: ClientLimit;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Map<ServerHttp2Session, { readonly socket: Socket; readonly use: StreamUse }>();

  constructor(onCall: OnCall, logger: Logger, limit: ClientLimit) {
    this.#onCall = onCall;
    this.#logger = logger;
    this.#limit = limit;
    limit.hold(this);
  }

  createServer(): Server {
    return createServer((socket) => this.#greet(socket));
  }

  /** No session takes a new call; it ends with its last one. A connection without a session ends now. */
  close(): void {
    for (const session of this.#sessions.keys()) session.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends every session with the calls on it. One that was told to close waits for its client to hang up, but not for long. */
  destroy(): void {
    for (const [session, { socket }] of this.#sessions) {
      session.destroy();
      hangUp(socket);
    }
  }

  /** A session that waits for calls is told to go (GOAWAY): its client dials anew for its next one. */
  shed(idleness: Idleness, atMost: number): number {
    let ended = 0;
    if (idleness === "silent") {
      for (const socket of this.#sockets) {
        if (ended === atMost) return ended;
        if (socket.destroyed) continue;
        ended++;
        socket.destroy();
      }
    }
    for (const [session, { socket, use }] of this.#sessions) {
      if (ended === atMost) return ended;
      if (session.closed || use.idleness !== idleness) continue;
      ended++;
      session.close();
      hangUp(socket);
    }
    return ended;
  }

  #greet(socket: Socket): void {
    if (!this.#limit.admit(socket)) return;
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.on("error", (error) => this.#logger.debug({ err: error }, "a client's connection failed"));
    socket.setTimeout(PATIENCE, () => socket.destroy());
    socket.once("data", (first: Buffer) => {
      if (!beginsHttp2(first)) return refuse(socket);
      socket.pause();
      socket.unshift(first);
      socket.setTimeout(0);
      this.#sockets.delete(socket);
      this.#serve(performServerHandshake(socket, CLIENT_OPTIONS), socket);
    });
  }

  #serve(session: ServerHttp2Session, socket: Socket): void {
    this.#sessions.set(session, { socket, use: new StreamUse(session) });
    session.once("close", () => this.#sessions.delete(session));
    // A client that breaks the protocol ends its own connection and nothing else.
    session.on("error", (error) => this.#logger.debug({ err: error }, "a client's session failed"));
    session.setLocalWindowSize(SESSION_WINDOW);
    session.on("stream", (call, headers, _flags, raw) => {
      call.on("error", (error) => this.#logger.debug({ err: error }, "a call failed"));
      destroyWhenClosed(call);
      this.#onCall(call, headers, raw);
    });
  }
}

function beginsHttp2(first: Buffer): boolean {
  const length = Math.min(first.length, PREFACE.length);
  return first.subarray(0, length).equals(PREFACE.subarray(0, length));
}

function hangUp(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), TIME_TO_HANG_UP);
  socket.once("close", () => clearTimeout(timer));
}

function refuse(socket: Socket): void {
  socket.resume();
  socket.end(REFUSAL);
}
