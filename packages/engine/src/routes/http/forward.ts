import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Dispatcher } from "undici";
import type { Connections } from "./backends.ts";
import type { Exchange } from "./exchange.ts";
import { responseHeaders, trailerFields } from "./headers.ts";
import { ClientGone } from "./request-body.ts";
import { join, writeSwitchingProtocols } from "./upgrade.ts";

/** How far a backend got with a request when it failed. */
export type Progress =
  /** No byte of the request was sent. */
  | "not-sent"
  /** The request was sent, at least in part; no byte of an answer came. */
  | "sent"
  /** An answer had begun. */
  | "answering";

/** Bytes of a body that are worth copying to save a write of its own. */
const SHORT = 16 * 1024;

type RawLines = readonly (string | Buffer)[];
type Controller = Dispatcher.DispatchController;

/** One attempt to have one backend answer one exchange: it passes on what the backend sends, as it comes. */
export class Forward implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #connections: Connections;
  readonly #onFailure: (error: Error, progress: Progress) => void;
  readonly #onAnswer: (status: number) => void;
  #controller: Controller | undefined;
  #progress: Progress = "not-sent";
  #clientGone = false;
  #bodyBegun = false;
  /** The answer's Content-Length, while nothing of its body came; NaN: it has none. */
  #length = Number.NaN;
  /** A short body that came whole: it goes out in one write with the headers. */
  #whole: string | undefined;

  /**
   * @param onFailure called when the backend failed before the client was told anything.
   * @param onAnswer called when an answer began.
   */
  constructor(
    exchange: Exchange,
    connections: Connections,
    onFailure: (error: Error, progress: Progress) => void,
    onAnswer: (status: number) => void,
  ) {
    this.#exchange = exchange;
    this.#connections = connections;
    this.#onFailure = onFailure;
    this.#onAnswer = onAnswer;
  }

  /** The client went away: so does the request to the backend. */
  abort(): void {
    this.#clientGone = true;
    this.#controller?.abort(new ClientGone());
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#clientGone) {
      controller.abort(new ClientGone());
      return;
    }
    this.#progress = "sent";
    this.#exchange.sayContinue();
  }

  onResponseStarted(): void {
    this.#progress = "answering";
  }

  onResponseStart(
    controller: Controller,
    status: number,
    parsed: { readonly "content-length"?: string | string[] | undefined },
    statusText?: string,
  ): void {
    const exchange = this.#exchange;
    const raw = rawLines(controller.rawHeaders);
    if (status < 200) {
      exchange.inform(status, responseHeaders(raw, "none"));
      return;
    }
    const bodyless = exchange.method === "HEAD" || status === 204 || status === 304;
    const body = status === 204 ? "none" : bodyless || !exchange.takesTrailers ? "plain" : "streamed";
    exchange.begin(status, reasonPhrase(status, statusText), responseHeaders(raw, body));
    this.#onAnswer(status);
    this.#length = Number(parsed["content-length"]);
    // Headers wait for the first bytes of the body only if these are here already.
    if (!bodyless) process.nextTick(flushHeaders, this);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.#bodyBegun = true;
    if (chunk.length === this.#length && chunk.length <= SHORT) {
      this.#whole = chunk.toString("latin1");
      return;
    }
    this.#length = Number.NaN;
    if (this.#exchange.write(chunk)) return;
    controller.pause();
    this.#exchange.onDrain(() => controller.resume());
  }

  onResponseEnd(controller: Controller): void {
    this.#bodyBegun = true;
    this.#connections.leave();
    this.#exchange.end(this.#whole, trailerFields(rawLines(controller.rawTrailers)));
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#connections.leave();
    if (this.#clientGone) return;
    if (this.#exchange.begun) this.#exchange.cut();
    else this.#onFailure(error, this.#progress);
  }

  onRequestUpgrade(
    controller: Controller,
    _status: number,
    upgraded: Record<string, unknown>,
    backend: Duplex,
  ): void {
    const { upgrade } = this.#exchange;
    if (upgrade === undefined) throw new TypeError("A backend changed protocols without being asked.");
    this.#onAnswer(101);
    const headers = responseHeaders(rawLines(controller.rawHeaders), "none");
    upgrade.detach();
    const protocol = typeof upgraded.upgrade === "string" ? upgraded.upgrade : "websocket";
    writeSwitchingProtocols(upgrade.socket, protocol, headers);
    if (upgrade.head.length > 0) backend.write(upgrade.head);
    join(upgrade.socket, backend, () => this.#connections.leave());
  }

  /** Sends the headers of an answer whose body is still to come, as in a stream of events. */
  flushHeaders(): void {
    if (!this.#bodyBegun) this.#exchange.flush();
  }
}

function flushHeaders(forward: Forward): void {
  forward.flushHeaders();
}

/** HTTP/1 header lines are always an array; the client's type also covers other protocols. */
function rawLines(raw: Controller["rawHeaders"]): RawLines {
  return Array.isArray(raw) ? raw : [];
}

const NOT_IN_REASON = /[^\t\x20-\x7e]/;

function reasonPhrase(status: number, sent: string | undefined): string {
  return sent === undefined || NOT_IN_REASON.test(sent) ? (STATUS_CODES[status] ?? "") : sent;
}
