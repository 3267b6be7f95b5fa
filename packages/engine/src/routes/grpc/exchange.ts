import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { Backend } from "@perch/core";
import { lostTrailers, stopSending } from "./answers.ts";
import type { Connection, Fate } from "./connection.ts";
import { passOn, passOnTrailers, type RawHeaders } from "./headers.ts";
import { destroyWhenClosed } from "./streams.ts";
import type { Upload } from "./upload.ts";

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_PROTOCOL_ERROR } = constants;

/** How one attempt to have a backend answer a call ended. */
export type Ending =
  /** The client has all that it will get. */
  | "ended"
  /** The client has got nothing yet. */
  | Exclude<Fate, "reset">;

interface Parts {
  readonly call: ServerHttp2Stream;
  readonly headers: RawHeaders;
  readonly upload: Upload;
  /** With a stream promised. */
  readonly connection: Connection;
  readonly backend: Backend;
  /** Called when the backend's answer begins. */
  readonly onAnswer: () => void;
}

/**
 * Sends a call over a connection and passes the answer back, both ways with back-pressure; a reset of either side goes
 * to the other with its code. @throws Error when these headers cannot be sent
 */
export function exchange(parts: Parts): Promise<Ending> {
  const { call, headers, upload, connection, backend } = parts;
  const { promise, resolve } = Promise.withResolvers<Ending>();
  const upstream = connection.open(headers);
  const answer = new Answer(call, upstream, upload);
  call.once("aborted", () => {
    upstream.close(call.rstCode === NGHTTP2_NO_ERROR ? NGHTTP2_CANCEL : call.rstCode);
    // A stream that its peer has closed already would wait for a reader.
    upstream.destroy();
    call.resume();
  });
  destroyWhenClosed(upstream);
  // What went wrong shows in how the stream closes.
  upstream.on("error", ignore);
  upstream.once("response", parts.onAnswer);
  upstream.once("response", (received, flags, raw: RawHeaders) => answer.begin(received, flags, raw));
  upstream.once("close", () => {
    if (answer.complete || call.closed) return resolve("ended");
    const fate = connection.fateOf(upstream);
    if (fate === "reset") call.close(upstream.rstCode);
    else if (call.headersSent) answer.end(lostTrailers(backend));
    else return resolve(fate);
    resolve("ended");
  });
  upload.sendTo(upstream);
  return promise;
}

/** What a backend answers, on its way to the client. */
class Answer {
  readonly #call: ServerHttp2Stream;
  readonly #upstream: ClientHttp2Stream;
  readonly #upload: Upload;
  #trailers: Record<string | symbol, string | string[]> | undefined;
  #complete = false;

  constructor(call: ServerHttp2Stream, upstream: ClientHttp2Stream, upload: Upload) {
    this.#call = call;
    this.#upstream = upstream;
    this.#upload = upload;
  }

  /** Whether all of it was handed over. */
  get complete(): boolean {
    return this.#complete;
  }

  begin(headers: IncomingHttpHeaders, flags: number, raw: RawHeaders): void {
    this.#upload.forget();
    if (this.#call.closed) return;
    const endStream = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    try {
      this.#call.respond(passOn(raw, headers), { endStream, waitForTrailers: !endStream, ...NO_DATE });
    } catch {
      // A status or header that Node does not send: what runs in a canary is not ours to trust.
      this.#upstream.close(NGHTTP2_PROTOCOL_ERROR);
      return;
    }
    if (endStream) {
      this.#completed();
      stopSending(this.#call);
    } else this.#pass();
  }

  /** Ends it, with these trailers if there are any. */
  end(trailers?: Record<string | symbol, string | string[]>): void {
    this.#trailers = trailers;
    this.#call.end();
  }

  #pass(): void {
    const call = this.#call;
    const upstream = this.#upstream;
    let trailers: Record<string | symbol, string[]> | undefined;
    call.on("drain", () => upstream.resume());
    call.once("wantTrailers", () => this.#sendTrailers());
    upstream.once("trailers", (headers: IncomingHttpHeaders, _flags: number, raw: RawHeaders) => {
      trailers = passOnTrailers(raw, headers);
    });
    upstream.on("data", (chunk: Buffer) => {
      if (!call.writableEnded && !call.write(chunk)) upstream.pause();
    });
    upstream.once("end", () => {
      // A stream that was reset or lost may come to its end too: it is whole only if its trailers came.
      if (trailers === undefined && upstream.rstCode !== NGHTTP2_NO_ERROR) return;
      this.end(trailers);
      this.#completed();
    });
  }

  #sendTrailers(): void {
    try {
      this.#call.sendTrailers(this.#trailers ?? {});
      stopSending(this.#call);
    } catch {
      this.#call.close(NGHTTP2_PROTOCOL_ERROR);
    }
  }

  /**
   * Neither side waits for the rest of a request that was answered (RFC 9113, section 8.1). With NO_ERROR Node would
   * wait for bytes that the backend does not take any more, and the stream would never close.
   */
  #completed(): void {
    this.#complete = true;
    if (!this.#upstream.writableFinished) this.#upstream.close(NGHTTP2_CANCEL);
  }
}

/** Node would add a header of its own. */
const NO_DATE = { sendDate: false };

function ignore(): void {}
