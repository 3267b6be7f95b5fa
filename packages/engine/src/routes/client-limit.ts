import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { Stillness } from "./stillness.ts";

/** How a connection is of no use to anybody. */
export type Idleness =
  /** It never asked for anything. */
  | "silent"
  /** Nothing is under way on it any more. */
  | "waiting"
  /** What is under way waits for its client, which for long has neither sent the rest of its request nor taken its answer. */
  | "stalled";

/** Who holds connections of clients. */
export interface ClientHolder {
  /** Ends up to so many of its connections that idle so, oldest first; says how many it ended. */
  shed(idleness: Idleness, atMost: number): number;
}

/** File descriptors of the engine's own: listeners, logs, git, what it builds. Of a small limit they are half. */
const OWN_FILES = 128;

/** Where the system has no limit, or a greater one. */
const MOST_FILES = 65_536;

/** Where there are too many, one in so many idle connections goes, so that not each new one looks for another. */
const SHARE = 16;

/** Milliseconds between two lines of the log. */
const QUIET = 60_000;

/** Milliseconds after a look at everything under way that found nothing stalled: a flood would else have one for each connection. */
const LOOK_AGAIN = 1_000;

/** How many connections of clients a process holds, by its limit of open files: each may need another one, to a backend. */
export function mostClients(files: number): number {
  const limit = Math.min(files, MOST_FILES);
  return Math.max(1, Math.floor((limit - Math.min(OWN_FILES, limit / 2)) / 2));
}

/** The limit of open files of this process. */
export function openFiles(): number {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
  const limit = Number(report.userLimits?.open_files?.soft);
  return Number.isFinite(limit) ? limit : MOST_FILES;
}

/**
 * How many connections all routers together hold. Whoever opens very many and leaves them idle would else take the file
 * descriptors that everybody's requests need, for stable too. Those that never asked for anything go first, then those that
 * wait between two requests, then those whose client stands still in the middle of one; none on which a request is under way
 * that waits for its backend.
 */
export class ClientLimit {
  /** Of all connections that it counts. */
  readonly stillness: Stillness;
  readonly #most: number;
  readonly #logger: Logger;
  readonly #holders: ClientHolder[] = [];
  #count = 0;
  /** Told to end, and not closed yet. */
  #ending = 0;
  #lastSaid = Number.NEGATIVE_INFINITY;
  #lastInVain = Number.NEGATIVE_INFINITY;

  constructor(most: number, logger: Logger, stillness: Stillness = new Stillness()) {
    this.#most = most;
    this.#logger = logger;
    this.stillness = stillness;
  }

  hold(holder: ClientHolder): void {
    this.#holders.push(holder);
  }

  /** Counts a new connection in, before its holder knows it. False: nothing idles that could end for it, so it was ended itself. */
  admit(connection: Duplex): boolean {
    this.#count++;
    connection.once("close", () => {
      this.#count--;
      if (this.#ending > 0) this.#ending--;
    });
    if (this.#count - this.#ending <= this.#most) return true;
    this.#say();
    const ended = this.#shed("silent") || this.#shed("waiting") || this.#shedStalled();
    this.#ending += ended;
    if (ended === 0) connection.destroy();
    return ended > 0;
  }

  #shed(idleness: Idleness): number {
    const wanted = Math.ceil(this.#most / SHARE);
    let ended = 0;
    for (const holder of this.#holders) {
      if (ended < wanted) ended += holder.shed(idleness, wanted - ended);
    }
    return ended;
  }

  #shedStalled(): number {
    if (performance.now() - this.#lastInVain < LOOK_AGAIN) return 0;
    const ended = this.#shed("stalled");
    if (ended === 0) this.#lastInVain = performance.now();
    return ended;
  }

  #say(): void {
    if (performance.now() - this.#lastSaid < QUIET) return;
    this.#lastSaid = performance.now();
    this.#logger.warn({ most: this.#most }, "too many connections of clients: idle ones are closed");
  }
}

/** For routers that nobody else shares a process with. */
export function unlimited(logger: Logger): ClientLimit {
  return new ClientLimit(Number.POSITIVE_INFINITY, logger);
}
