import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Idleness } from "./client-limit.ts";

/** What is under way on a session of HTTP/2. */
export class StreamUse {
  readonly #open = new Set<ServerHttp2Stream>();
  #idle: Idleness = "silent";

  /** @param session without a stream yet */
  constructor(session: ServerHttp2Session) {
    session.on("stream", (stream) => {
      this.#open.add(stream);
      this.#idle = "waiting";
      stream.once("close", () => this.#open.delete(stream));
    });
  }

  /** Undefined: a stream is open. */
  get idleness(): Idleness | undefined {
    return this.#open.size === 0 ? this.#idle : undefined;
  }

  get open(): ReadonlySet<ServerHttp2Stream> {
    return this.#open;
  }
}
