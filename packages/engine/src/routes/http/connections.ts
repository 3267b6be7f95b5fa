import type { Server, ServerResponse } from "node:http";
import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { ClientHolder, ClientLimit, Idleness } from "../client-limit.ts";
import { hangUp } from "../hang-up.ts";
import { Sessions } from "../sessions.ts";
import { KEEP_ALIVE } from "./limits.ts";

/** The connections of a router's clients, and what is under way on them. */
export class Connections implements ClientHolder {
  readonly #limit: ClientLimit;
  /** By peer: those of TLS before their handshake is over. */
  readonly #greeting = new Map<string, Socket>();
  /** Of HTTP/1, those as well that left it for another protocol, which servers do not know any more. */
  readonly #http1 = new Set<Socket>();
  readonly #sessions: Sessions;
  /** The newest answer on each of HTTP/1. */
  readonly #answers = new WeakMap<Duplex, ServerResponse>();

  constructor(limit: ClientLimit) {
    this.#limit = limit;
    this.#sessions = new Sessions(limit.stillness, isOwed);
    limit.hold(this);
  }

  /** Knows from now on what connects to it. */
  watch(server: Server, isSecure: boolean): void {
    server.on("connection", (socket: Socket) => {
      if (!this.#limit.admit(socket)) return;
      if (isSecure) this.#greet(socket);
      else this.#know(socket);
    });
    let session: ServerHttp2Session | undefined;
    server.on("session", (made: ServerHttp2Session) => {
      session = made;
    });
    // After Node's own listener, which has just made the session of this connection, if it is to be one of HTTP/2.
    server.on("secureConnection", (socket: TLSSocket) => {
      this.#greeting.delete(peerOf(socket));
      if (session === undefined) this.#know(socket);
      else this.#knowSession(session, socket);
      session = undefined;
    });
  }

  /** Whether it got through its handshake, where there is one. */
  has(connection: Socket): boolean {
    return this.#http1.has(connection);
  }

  answering(connection: Duplex, answer: ServerResponse): void {
    this.#answers.set(connection, answer);
  }

  /** The newest answer on it. */
  answerOn(connection: Duplex): ServerResponse | undefined {
    return this.#answers.get(connection);
  }

  shed(idleness: Idleness, atMost: number): number {
    let ended = 0;
    for (const socket of this.#idle(idleness)) {
      if (ended === atMost) return ended;
      if (socket.destroyed) continue;
      ended++;
      socket.destroy();
    }
    return ended + this.#sessions.shed(idleness, atMost - ended);
  }

  destroy(): void {
    for (const socket of [...this.#greeting.values(), ...this.#http1]) socket.destroy();
    this.#sessions.destroy();
  }

  *#idle(idleness: Idleness): Iterable<Socket> {
    if (idleness === "silent") yield* this.#greeting.values();
    for (const one of this.#http1) if (this.#idles(one, idleness)) yield one;
  }

  #idles(connection: Socket, idleness: Idleness): boolean {
    const answer = this.#answers.get(connection);
    if (answer === undefined) return idleness === "silent";
    if (answer.writableFinished) return idleness === "waiting";
    if (idleness !== "stalled") return false;
    // A WebSocket is nobody's answer any more, and may be silent.
    if (answer.socket === null) return false;
    const owesRequest = !answer.req.complete && isRead(answer.req);
    return (owesRequest || connection.writableLength > 0) && this.#limit.stillness.isStill(connection);
  }

  #know(connection: Socket): void {
    this.#http1.add(connection);
    connection.once("close", () => this.#http1.delete(connection));
  }

  /** A session without a stream goes after the same time as an idle connection of HTTP/1; one with a silent stream stays. */
  #knowSession(session: ServerHttp2Session, socket: TLSSocket): void {
    const use = this.#sessions.add(session, socket);
    session.setTimeout(KEEP_ALIVE, () => {
      if (use.idleness === undefined) return;
      session.close();
      hangUp(socket);
    });
  }

  #greet(socket: Socket): void {
    const peer = peerOf(socket);
    this.#greeting.set(peer, socket);
    socket.once("close", () => {
      if (this.#greeting.get(peer) === socket) this.#greeting.delete(peer);
    });
  }
}

/** What a connection and its TLS have in common, and no other one at the same time. */
function peerOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}

/** Whether a stream waits for the rest of its request, or for its client to take what is there of the answer. */
function isOwed(stream: ServerHttp2Stream): boolean {
  return stream.writableLength > 0 || (stream.state.remoteClose === 0 && isRead(stream));
}

/** Whether what comes of it is taken: a backend that does not read holds up the client, not the other way round. */
function isRead(from: Readable): boolean {
  return from.readableFlowing !== false && from.readableLength < from.readableHighWaterMark;
}
