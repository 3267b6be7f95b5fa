import type { ServerHttp2Session } from "node:http2";
import type { Idleness } from "./client-limit.ts";

/** What is under way on a session of HTTP/2. */
export class StreamUse {
  #open = 0;
  #idle: Idleness = "silent";

  /** @param session without a stream yet */
  constructor(session: ServerHttp2Session) {
    session.on("stream", (stream) => {
      this.#open++;
      this.#idle = "waiting";
      stream.once("close", () => this.#open--);
    });
  }

  /** Undefined: a stream is open. */
  get idleness(): Idleness | undefined {
    return this.#open === 0 ? this.#idle : undefined;
  }
}
