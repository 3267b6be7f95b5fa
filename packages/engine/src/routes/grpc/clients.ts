import {
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import type { Logger } from "pino";
import type { ClientHolder, ClientLimit, Idleness } from "../client-limit.ts";
import { PROBED } from "../probed.ts";
import { Sessions } from "../sessions.ts";
import type { RawHeaders } from "./headers.ts";
import { CLIENT_OPTIONS, SESSION_WINDOW } from "./settings.ts";
import { destroyWhenClosed } from "./streams.ts";

/** Called for each stream that a client opens. */
export type OnCall = (call: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: RawHeaders) => void;

/** What begins every HTTP/2 connection (RFC 9113, section 3.4); no HTTP/1 request can begin so. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Milliseconds that a client has to send its first byte, and to read a refusal. */
const PATIENCE = 10_000;

const REFUSAL =
  "HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n" +
  "This address takes gRPC calls only: HTTP/2 without TLS, from the first byte (h2c with prior knowledge).\n";

/** The connections of clients: HTTP/2 sessions, and those that have not said yet what they are. */
export class Clients implements ClientHolder {
  readonly #onCall: OnCall;
  readonly #logger: Logger;
  readonly #limit: ClientLimit;
  readonly #sockets = new Set<Socket>();
  readonly #sessions: Sessions;

  constructor(onCall: OnCall, logger: Logger, limit: ClientLimit) {
    this.#onCall = onCall;
    this.#logger = logger;
    this.#limit = limit;
    this.#sessions = new Sessions(limit.stillness, isUntaken);
    limit.hold(this);
  }

  createServer(): Server {
    return createServer(PROBED, (socket) => this.#greet(socket));
  }

  /** No session takes a new call; it ends with its last one. A connection without a session ends now. */
  close(): void {
    this.#sessions.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends every session with the calls on it. One that was told to close waits for its client to hang up, but not for long. */
  destroy(): void {
    this.#sessions.destroy();
  }

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
    return ended + this.#sessions.shed(idleness, atMost - ended);
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
    this.#sessions.add(session, socket);
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

/** Whether a client does not take what is there of its answer. A call may stay open in silence both ways for as long as it likes. */
function isUntaken(call: ServerHttp2Stream): boolean {
  return call.writableLength > 0;
}

function refuse(socket: Socket): void {
  socket.resume();
  socket.end(REFUSAL);
}
