import type { Duplex, Readable } from "node:stream";

/** One request of a client and the way to answer it: the same for every version of HTTP. */
export interface Exchange {
  readonly method: string;
  /** The request's target as it was sent, whatever its form. */
  readonly url: string;
  /** `Host`, or `:authority`; `undefined` where an HTTP/1.0 client sent none. */
  readonly host: string | undefined;
  /** Header lines as they were sent, names and values in turn. */
  readonly lines: readonly string[];
  /** The `Connection` lines, joined. */
  readonly connection: string | undefined;
  /** `undefined`: the request has none. */
  readonly body: Readable | undefined;
  /** IP address of whoever is at the other end of the connection. */
  readonly peer: string;
  readonly scheme: "http" | "https";
  /** Present when the client wants to change to WebSocket. */
  readonly upgrade?: Upgrade;
  /** Whether the end of the answer can carry trailers: since HTTP/1.1. */
  readonly takesTrailers: boolean;
  /** Whether an answer has begun: nothing else can be said. */
  readonly begun: boolean;
  /** Whether nobody waits for an answer any more. */
  readonly gone: boolean;

  /** Calls back once: with `true` when the answer went out whole, with `false` when the client went away before. */
  onClose(listener: (whole: boolean) => void): void;
  /** Calls back once, when the exchange and the WebSocket that it became are over. */
  onOver(listener: () => void): void;
  /** Tells a client that waits for `100 Continue` to go on; nothing to any other. */
  sayContinue(): void;
  /** An answer before the answer (1xx), to clients that know of them. */
  inform(status: number, headers: string[]): void;
  /** Header lines, names and values in turn. They may wait for the first bytes of the body. */
  begin(status: number, reason: string | undefined, headers: string[]): void;
  /** Sends headers that wait. */
  flush(): void;
  /** @returns false when the client takes no more for now: `onDrain` tells when it does. */
  write(chunk: Buffer): boolean;
  onDrain(listener: () => void): void;
  /** `text` is in Latin-1: one character a byte. */
  end(text: string | undefined, trailers: readonly (readonly [string, string])[]): void;
  /** Breaks an answer off, so that the client cannot take it for whole. */
  cut(): void;
  /** Reads and drops what is left of a request that was answered early. */
  discardRest(): void;
}

export interface Upgrade {
  /** The client's connection. */
  readonly socket: Duplex;
  /** What the client already sent in the new protocol. */
  readonly head: Buffer;
  /** Takes the connection out of HTTP's hands. */
  detach(): void;
}
