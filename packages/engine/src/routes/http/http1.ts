import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { Exchange, Upgrade } from "./exchange.ts";

/** Milliseconds for the rest of a body that nobody wants, so that a client still sending can read its answer. */
const LINGER = 5_000;

/** An exchange over HTTP/1.1 or HTTP/1.0, with TLS or without. */
export class Http1Exchange implements Exchange {
  readonly scheme: "http" | "https";
  readonly upgrade?: Upgrade;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  /** The client waits for `100 Continue` before it sends its body, and has not been told yet. */
  #awaitsContinue: boolean;

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    how: { scheme: "http" | "https"; awaitsContinue?: boolean; upgrade?: Upgrade },
  ) {
    this.#req = req;
    this.#res = res;
    this.scheme = how.scheme;
    this.#awaitsContinue = how.awaitsContinue === true;
    if (how.upgrade !== undefined) this.upgrade = how.upgrade;
  }

  get method(): string {
    return this.#req.method ?? "GET";
  }

  get url(): string {
    return this.#req.url ?? "";
  }

  get host(): string | undefined {
    return this.#req.headers.host;
  }

  get lines(): readonly string[] {
    return this.#req.rawHeaders;
  }

  get connection(): string | undefined {
    return this.#req.headers.connection;
  }

  get body(): Readable | undefined {
    return hasBody(this.#req) ? this.#req : undefined;
  }

  get peer(): string {
    return this.#req.socket.remoteAddress ?? "unknown";
  }

  get takesTrailers(): boolean {
    return this.#req.httpVersionMinor >= 1;
  }

  get begun(): boolean {
    return this.#res.headersSent;
  }

  get gone(): boolean {
    return this.#res.destroyed;
  }

  onClose(listener: (whole: boolean) => void): void {
    this.#res.once("close", () => listener(this.#res.writableFinished));
  }

  onOver(listener: () => void): void {
    (this.upgrade?.socket ?? this.#res).once("close", listener);
  }

  sayContinue(): void {
    if (!this.#awaitsContinue) return;
    this.#awaitsContinue = false;
    this.#res.writeContinue();
  }

  inform(status: number, headers: string[]): void {
    if (this.takesTrailers && "writeInformation" in this.#res) this.#res.writeInformation(status, headers);
  }

  begin(status: number, reason: string | undefined, headers: string[]): void {
    // A client that was not told to go on may send its body or not: this connection cannot be used again.
    if (this.#awaitsContinue) this.#res.shouldKeepAlive = false;
    if (reason === undefined) this.#res.writeHead(status, headers);
    else this.#res.writeHead(status, reason, headers);
  }

  flush(): void {
    this.#res.flushHeaders();
  }

  write(chunk: Buffer): boolean {
    return this.#res.write(chunk);
  }

  onDrain(listener: () => void): void {
    this.#res.once("drain", listener);
  }

  end(text: string | undefined, trailers: readonly (readonly [string, string])[]): void {
    if (trailers.length > 0) this.#res.addTrailers(trailers as [string, string][]);
    if (text === undefined) this.#res.end();
    else this.#res.end(text, "latin1");
  }

  cut(): void {
    // Without framing the close is the end of the body: only a reset says that it was cut.
    if (this.#req.httpVersionMinor === 0) this.#req.socket.resetAndDestroy();
    else this.#res.destroy();
  }

  discardRest(): void {
    const req = this.#req;
    if (req.complete || req.destroyed) return;
    // A client that does not come to its end is cut off.
    const cut = setTimeout(() => req.socket.destroy(), LINGER);
    cut.unref();
    req.once("close", () => clearTimeout(cut));
    req.resume();
  }
}

/** Whether the request has a body (RFC 9112, section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}
