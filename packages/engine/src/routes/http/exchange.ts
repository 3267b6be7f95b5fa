import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** One request of a client and the answer to it. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Present when the client wants to change to WebSocket. */
  readonly upgrade?: Upgrade;
  /** The client waits for `100 Continue` before it sends its body, and has not been told yet. */
  awaitsContinue: boolean;
}

export interface Upgrade {
  /** The client's connection. */
  readonly socket: Duplex;
  /** What the client already sent in the new protocol. */
  readonly head: Buffer;
}

/** Milliseconds for the rest of a body that nobody wants, so that a client still sending can read its answer. */
const LINGER = 5_000;

/** Reads and drops what is left of a request that was answered early; a client that does not come to its end is cut off. */
export function discardRest({ req }: Exchange): void {
  if (req.complete || req.destroyed) return;
  const cut = setTimeout(() => req.socket.destroy(), LINGER);
  cut.unref();
  req.once("close", () => clearTimeout(cut));
  req.resume();
}

/** Whether the request has a body (RFC 9112, section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}
