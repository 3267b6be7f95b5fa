import { constants, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { Readable } from "node:stream";
import type { Exchange } from "./exchange.ts";
import { NO_SUCH_STATUS } from "./refusals.ts";

/** An exchange over HTTP/2 (RFC 9113). */
export class Http2Exchange implements Exchange {
  readonly scheme = "https";
  readonly takesTrailers = true;
  /** HTTP/2 has no such header. */
  readonly connection = undefined;
  readonly host: string | undefined;
  readonly url: string;
  readonly lines: readonly string[];
  readonly peer: string;
  readonly #req: Http2ServerRequest;
  readonly #res: Http2ServerResponse;
  #awaitsContinue: boolean;

  constructor(req: Http2ServerRequest, res: Http2ServerResponse, awaitsContinue: boolean) {
    this.#req = req;
    this.#res = res;
    this.#awaitsContinue = awaitsContinue;
    const { authority, headers } = req;
    this.host = authority || headers.host;
    // A Host that contradicts the authority makes the request malformed (RFC 9113, section 8.3.1): no target is empty.
    this.url = isSame(headers.host, this.host) ? req.url : "";
    this.lines = headerLines(req.rawHeaders);
    this.peer = req.stream.session?.socket.remoteAddress ?? "unknown";
    // A stream that ends badly says so by its end.
    req.on("error", ignore);
    res.on("error", ignore);
  }

  get method(): string {
    return this.#req.method;
  }

  get body(): Readable | undefined {
    return this.#req.stream.endAfterHeaders ? undefined : this.#req;
  }

  get begun(): boolean {
    return this.#res.headersSent;
  }

  get gone(): boolean {
    return this.#req.stream.closed || this.#req.stream.destroyed;
  }

  onClose(listener: (whole: boolean) => void): void {
    const { stream } = this.#req;
    this.#res.once("close", () => listener(stream.writableFinished && !stream.aborted));
  }

  onOver(listener: () => void): void {
    this.#res.once("close", listener);
  }

  sayContinue(): void {
    if (!this.#awaitsContinue) return;
    this.#awaitsContinue = false;
    this.#res.writeContinue();
  }

  inform(status: number, headers: string[]): void {
    // 101 does not exist here (RFC 9113, section 8.6).
    if (this.gone || status === 101) return;
    this.#req.stream.additionalHeaders({ ":status": status, ...fieldsOf(headers) });
  }

  begin(status: number, _reason: string | undefined, headers: string[]): void {
    // HTTP/2 has no others (RFC 9110, section 15); to be known before any header is set.
    if (status > 599) throw Object.assign(new RangeError(`status ${status}`), { code: NO_SUCH_STATUS });
    if (!this.gone) this.#res.writeHead(status, fieldsOf(headers));
  }

  flush(): void {
    // Headers never wait here.
  }

  write(chunk: Buffer): boolean {
    return this.#res.write(chunk);
  }

  onDrain(listener: () => void): void {
    this.#res.once("drain", listener);
  }

  end(text: string | undefined, trailers: readonly (readonly [string, string])[]): void {
    if (trailers.length > 0) this.#res.addTrailers(fieldsOf(trailers.flat()));
    const { stream } = this.#req;
    const isBodyless = this.#res.writableEnded || stream.writableEnded;
    if (!isBodyless) stream.once("wantTrailers", () => this.#endRequest());
    if (text === undefined) this.#res.end();
    else this.#res.end(text, "latin1");
    if (isBodyless) this.#endRequest();
  }

  cut(): void {
    this.#req.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  discardRest(): void {
    // A stream is not over before its request is: see `#endRequest`.
  }

  /** Once the answer is whole, the rest of the request is not needed for it (RFC 9113, section 8.1). */
  #endRequest(): void {
    const { stream } = this.#req;
    if (stream.endAfterHeaders || this.#req.readableEnded) return;
    // After what the answer ends with is on its way.
    setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  }
}

function isSame(host: string | undefined, authority: string | undefined): boolean {
  return host === undefined || host.toLowerCase() === authority?.toLowerCase();
}

/** The header lines as HTTP/1.1 has them: without pseudo-headers, and with one cookie line (RFC 9113, section 8.2.3). */
function headerLines(raw: readonly string[]): string[] {
  const lines: string[] = [];
  let cookie = -1;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? "";
    const value = raw[i + 1] ?? "";
    if (name.startsWith(":")) continue;
    if (name === "cookie" && cookie !== -1) {
      lines[cookie] += `; ${value}`;
      continue;
    }
    if (name === "cookie") cookie = lines.length + 1;
    lines.push(name, value);
  }
  return lines;
}

/** Header lines by lower-case name; several of a name as a list. */
function fieldsOf(lines: readonly string[]): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null);
  for (let i = 0; i < lines.length; i += 2) {
    const name = (lines[i] ?? "").toLowerCase();
    const value = lines[i + 1] ?? "";
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else fields[name] = [before, value];
  }
  return fields;
}

function ignore(): void {}
