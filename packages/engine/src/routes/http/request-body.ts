import { Readable } from "node:stream";

/**
 * A request's body as the backend's client reads it. It stands between the two because that client destroys what it
 * reads when a backend answers early or fails, and destroying the request would close the connection on which
 * the answer is to go out. Nothing is taken from the request before the backend's connection is there.
 */
export class RequestBody extends Readable {
  readonly #source: Readable;
  #attached = false;

  constructor(source: Readable) {
    super({ highWaterMark: 64 * 1024 });
    this.#source = source;
    // The reader's own listener goes before this stream does; an error without one would end the process.
    this.on("error", ignore);
  }

  override _read(): void {
    if (this.#attached) this.#source.resume();
    else this.#attach();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#source.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onClose);
    callback(error);
  }

  #attach(): void {
    this.#attached = true;
    if (this.#source.destroyed) this.#onClose();
    else this.#source.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onClose);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.#source.pause();
  };

  readonly #onEnd = (): void => {
    this.push(null);
  };

  readonly #onClose = (): void => {
    if (!this.#source.readableEnded) this.destroy(new ClientGone());
  };
}

/** The client closed its connection before it had sent all, or before it had the whole answer. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";

  constructor() {
    super("The client closed the connection.");
  }
}

function ignore(): void {}
