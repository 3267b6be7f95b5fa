import type { Server, ServerResponse } from "node:http";
import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { ClientHolder, ClientLimit, Idleness } from "../client-limit.ts";
import { StreamUse } from "../stream-use.ts";

interface Ending {
  readonly destroyed: boolean;
  destroy(): void;
}

/** The connections of a router's clients, and what is under way on them. */
export class Connections implements ClientHolder {
  readonly #limit: ClientLimit;
  /** By peer: those of TLS before their handshake is over. */
  readonly #greeting = new Map<string, Socket>();
  /** Of HTTP/1, those as well that left it for another protocol, which servers do not know any more. */
  readonly #http1 = new Set<Duplex>();
  readonly #sessions = new Map<ServerHttp2Session, StreamUse>();
  /** The newest answer on each of HTTP/1. */
  readonly #answers = new WeakMap<Duplex, ServerResponse>();

  constructor(limit: ClientLimit) {
    this.#limit = limit;
    limit.hold(this);
  }

  /** Knows from now on what connects to it. */
  watch(server: Server, isSecure: boolean): void {
    server.on("connection", (socket: Socket) => {
      if (!this.#limit.admit(socket)) return;
      if (isSecure) this.#greet(socket);
      else this.#know(socket);
    });
    server.on("secureConnection", (socket: TLSSocket) => {
      this.#greeting.delete(peerOf(socket));
      if (socket.alpnProtocol !== "h2") this.#know(socket);
    });
    server.on("session", (session: ServerHttp2Session) => {
      this.#sessions.set(session, new StreamUse(session));
      session.once("close", () => this.#sessions.delete(session));
    });
  }

  /** Whether it got through its handshake, where there is one. */
  has(connection: Duplex): boolean {
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
    for (const one of this.#idle(idleness)) {
      if (ended === atMost) break;
      if (one.destroyed) continue;
      ended++;
      one.destroy();
    }
    return ended;
  }

  destroy(): void {
    for (const one of [...this.#greeting.values(), ...this.#sessions.keys(), ...this.#http1]) one.destroy();
  }

  *#idle(idleness: Idleness): Iterable<Ending> {
    if (idleness === "silent") yield* this.#greeting.values();
    for (const one of this.#http1) if (this.#idleness(one) === idleness) yield one;
    for (const [session, use] of this.#sessions) if (use.idleness === idleness) yield session;
  }

  #idleness(connection: Duplex): Idleness | undefined {
    const answer = this.#answers.get(connection);
    if (answer === undefined) return "silent";
    return answer.writableFinished ? "waiting" : undefined;
  }

  #know(connection: Duplex): void {
    this.#http1.add(connection);
    connection.once("close", () => this.#http1.delete(connection));
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
