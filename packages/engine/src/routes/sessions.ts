import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Idleness } from "./client-limit.ts";
import { hangUp } from "./hang-up.ts";
import type { Stillness } from "./stillness.ts";
import { StreamUse } from "./stream-use.ts";

interface Held {
  readonly session: ServerHttp2Session;
  readonly socket: Socket;
  readonly use: StreamUse;
  /** Counted as one that ends, once. */
  shed: boolean;
}

/**
 * The HTTP/2 sessions of a router's clients, each until its socket is closed: that is the client's to do once a session has
 * ended, and one that never does would hold its connection for ever.
 */
export class Sessions {
  readonly #held = new Set<Held>();
  readonly #stillness: Stillness;
  readonly #isOwed: (stream: ServerHttp2Stream) => boolean;

  /** @param isOwed whether the next byte of an open stream has to come from the client, or has to be taken by it */
  constructor(stillness: Stillness, isOwed: (stream: ServerHttp2Stream) => boolean) {
    this.#stillness = stillness;
    this.#isOwed = isOwed;
  }

  /** @param session without a stream yet */
  add(session: ServerHttp2Session, socket: Socket): StreamUse {
    const held = { session, socket, use: new StreamUse(session), shed: false };
    this.#held.add(held);
    socket.once("close", () => this.#held.delete(held));
    return held.use;
  }

  /** No session takes a new stream; it ends with its last one. */
  close(): void {
    for (const { session } of this.#held) session.close();
  }

  /** Ends every session with the streams on it. */
  destroy(): void {
    for (const { session, socket } of this.#held) {
      session.destroy();
      hangUp(socket);
    }
  }

  /** A session that waits for streams is told to go (GOAWAY): its client dials anew for its next one. */
  shed(idleness: Idleness, atMost: number): number {
    let ended = 0;
    for (const held of this.#held) {
      if (ended === atMost) break;
      if (held.shed || !this.#idles(held, idleness)) continue;
      ended++;
      held.shed = true;
      if (idleness === "stalled") held.session.destroy();
      else held.session.close();
      hangUp(held.socket);
    }
    return ended;
  }

  #idles({ use, socket }: Held, idleness: Idleness): boolean {
    if (idleness !== "stalled" || use.idleness !== undefined) return use.idleness === idleness;
    for (const stream of use.open) if (!this.#isOwed(stream)) return false;
    return this.#stillness.isStill(socket);
  }
}
