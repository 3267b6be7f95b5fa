import type { Socket } from "node:net";

/** Milliseconds without a byte after which a connection stands still. */
const STILL = 60_000;

/** What had moved on a connection when it was looked at, and when that was first so. */
interface Look {
  readonly read: number;
  readonly taken: number;
  readonly since: number;
}

/**
 * On which connections nothing moves. Only whoever looks pays for it: connections that nobody asks about are not watched, and
 * the time begins with the first look.
 */
export class Stillness {
  readonly #after: number;
  readonly #looks = new WeakMap<Socket, Look>();

  /** @param after milliseconds */
  constructor(after: number = STILL) {
    this.#after = after;
  }

  /** Whether no byte came, and none was taken by the client, since a look that is long enough ago. */
  isStill(socket: Socket): boolean {
    const now = performance.now();
    const read = socket.bytesRead;
    // What is written counts what waits to be sent.
    const taken = socket.bytesWritten - socket.writableLength;
    const last = this.#looks.get(socket);
    if (last?.read === read && last.taken === taken) return now - last.since >= this.#after;
    this.#looks.set(socket, { read, taken, since: now });
    return false;
  }
}
