import { type ClientHttp2Session, type ClientHttp2Stream, constants } from "node:http2";
import type { RawHeaders } from "./headers.ts";
import { SESSION_WINDOW } from "./settings.ts";

/** What became of a stream that closed before its answer was whole. */
export type Fate =
  /** The backend did not look at it (RFC 9113, sections 6.8 and 8.7): it may be sent again. */
  | "unseen"
  /** Its connection ended under it. */
  | "lost"
  /** The backend reset it. */
  | "reset";

const REQUEST_OPTIONS = { endStream: false } as const;

/** One HTTP/2 session to a backend that has said how many streams it takes. */
export class Connection {
  readonly #session: ClientHttp2Session;
  readonly #onDone: () => void;
  /** Streams that are open or promised. */
  #streams = 0;
  #limit: number;
  /** The last stream that the backend says it looks at, once it has said so. */
  #lastSeen = Number.POSITIVE_INFINITY;

  constructor(session: ClientHttp2Session, onDone: () => void) {
    this.#session = session;
    this.#onDone = onDone;
    this.#limit = streamLimit(session);
    session.on("remoteSettings", () => {
      this.#limit = streamLimit(session);
    });
    session.on("goaway", (_code, lastStream) => {
      this.#lastSeen = lastStream;
    });
  }

  /** Whether another stream may be opened now. */
  get hasRoom(): boolean {
    return this.#streams < this.#limit && !this.#session.closed && !this.#session.destroyed;
  }

  /** Promises a stream; to be followed by `open` or `giveBack`. */
  reserve(): void {
    this.#streams += 1;
  }

  giveBack(): void {
    this.#streams -= 1;
    this.#onDone();
  }

  /** Opens the stream that was promised. @throws Error when these headers cannot be sent; the promise is then used up. */
  open(headers: RawHeaders): ClientHttp2Stream {
    try {
      const stream = this.#session.request(headers, REQUEST_OPTIONS);
      stream.once("close", () => this.giveBack());
      return stream;
    } catch (error) {
      this.giveBack();
      throw error;
    }
  }

  /** What became of a stream of this connection, once it has closed. */
  fateOf(stream: ClientHttp2Stream): Fate {
    const { id, rstCode } = stream;
    // Without an id it was never sent: the session was closing, or has used up its ids and is of no more use.
    if (id === undefined) this.#session.close();
    if (id === undefined || id > this.#lastSeen || rstCode === constants.NGHTTP2_REFUSED_STREAM)
      return "unseen";
    return this.#session.destroyed ? "lost" : "reset";
  }

  /** Ends a connection without streams; resolves when it has ended. It does not wait for the backend to hang up. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#session.destroyed) return resolve();
      this.#session.once("close", resolve);
      this.#session.destroy();
    });
  }
}

function streamLimit({ remoteSettings }: ClientHttp2Session): number {
  return remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
}

/** Milliseconds in which a backend must accept a connection and send its settings. */
const CONNECT_TIMEOUT = 5_000;

/** Resolves once a new session can be used. @throws Error whose message says in a few words why it cannot. */
export function sessionReady(session: ClientHttp2Session): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => session.destroy(new Error("no connection within 5 seconds")),
    CONNECT_TIMEOUT,
  );
  // Later errors end streams, which report them.
  session.on("error", (error: NodeJS.ErrnoException) =>
    reject(new Error(error.code ?? error.message, { cause: error })),
  );
  session.once("close", () => {
    clearTimeout(timer);
    reject(new Error("it closed the connection"));
  });
  // Only the peer's settings tell how many streams it takes.
  session.once("remoteSettings", () => {
    clearTimeout(timer);
    session.setLocalWindowSize(SESSION_WINDOW);
    resolve();
  });
  return promise;
}
