import type { ClientHttp2Stream, ServerHttp2Stream } from "node:http2";

/** Bytes of a request that are kept for a second attempt; one that is larger is sent once. */
const MOST_KEPT = 64 * 1024;

/** The request side of a call. What was read is kept for as long as the backend may still say that it did not look at it. */
export class Upload {
  readonly #call: ServerHttp2Stream;
  #to: ClientHttp2Stream | undefined;
  /** `undefined`: nothing is kept any more. */
  #kept: Buffer[] | undefined = [];
  #bytes = 0;
  #ended = false;

  constructor(call: ServerHttp2Stream) {
    this.#call = call;
  }

  /** Whether the client has sent all of it. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it could be sent again from the start. */
  get repeatable(): boolean {
    return this.#kept !== undefined;
  }

  /** No second attempt will come. */
  forget(): void {
    this.#kept = undefined;
  }

  /** Sends what was read already, then the rest as it comes, as fast as the backend takes it. */
  sendTo(upstream: ClientHttp2Stream): void {
    const first = this.#to === undefined;
    this.#to = upstream;
    upstream.on("drain", () => this.#call.resume());
    if (first) this.#read();
    for (const chunk of this.#kept ?? []) upstream.write(chunk);
    if (this.#ended) upstream.end();
    else this.#call.resume();
  }

  #read(): void {
    this.#call.on("data", (chunk: Buffer) => {
      this.#keep(chunk);
      // What comes for a backend that has ended its side is dropped.
      if (this.#to?.closed === false && !this.#to.write(chunk)) this.#call.pause();
    });
    this.#call.once("end", () => {
      this.#ended = true;
      this.#to?.end();
    });
  }

  #keep(chunk: Buffer): void {
    if (this.#kept === undefined) return;
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_KEPT) this.#kept = undefined;
    else this.#kept.push(chunk);
  }
}
