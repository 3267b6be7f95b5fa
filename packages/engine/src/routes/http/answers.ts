import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { formatSelector } from "@perch/header";
import type { Exchange } from "./exchange.ts";
import { errorCode, type Refusal } from "./refusals.ts";

/** Answers with a problem document (RFC 9457). */
export function answer(exchange: Exchange, refusal: Refusal): void {
  const body = problemDocument(refusal);
  const headers = refusalHeaders(refusal);
  headers.push("Content-Length", String(Buffer.byteLength(body)));
  exchange.begin(refusal.status, undefined, headers);
  exchange.end(Buffer.from(body).toString("latin1"), []);
}

const ALLOWED = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/** `OPTIONS *` asks about the server itself (RFC 9110, 9.3.7): the router answers for itself. */
export function answerOptions(exchange: Exchange): void {
  exchange.begin(204, undefined, ["Allow", ALLOWED, "Vary", "X-Canary"]);
  exchange.end(undefined, []);
}

/** Answers on a bare socket, where the parser has no request to answer, and ends the connection. */
export function answerRaw(socket: Duplex, refusal: Refusal): void {
  const body = problemDocument(refusal);
  const lines = refusalHeaders(refusal);
  lines.push("Content-Length", String(Buffer.byteLength(body)), "Connection", "close");
  let head = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ""}\r\n`;
  for (let i = 0; i < lines.length; i += 2) head += `${lines[i]}: ${lines[i + 1]}\r\n`;
  socket.end(`${head}\r\n${body}`, () => socket.destroy());
}

/** What to tell a client whose bytes are not a request, by the parser's error. */
export function parserRefusal(error: Error): Refusal {
  switch (errorCode(error)) {
    case "HPE_HEADER_OVERFLOW":
      return {
        status: 431,
        code: "HEADERS_TOO_LARGE",
        detail: "The request's headers are over 32 KiB. Send fewer cookies.",
      };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return {
        status: 408,
        code: "REQUEST_TIMEOUT",
        detail: "The request's headers did not arrive in time.",
      };
    default:
      return { status: 400, code: "BAD_REQUEST", detail: "This is not a valid HTTP/1.1 request." };
  }
}

function problemDocument({ status, code, detail, service, pr, state }: Refusal): string {
  return `${JSON.stringify({ status, title: STATUS_CODES[status], code, detail, service, pr, state })}\n`;
}

function refusalHeaders(refusal: Refusal): string[] {
  const headers = [
    "Content-Type",
    "application/problem+json",
    "Cache-Control",
    "no-store",
    "Vary",
    "X-Canary",
  ];
  if (refusal.selector !== undefined) headers.push("X-Canary-Echo", formatSelector(refusal.selector));
  if (refusal.retryAfter !== undefined) headers.push("Retry-After", String(refusal.retryAfter));
  if (refusal.status === 405) headers.push("Allow", ALLOWED);
  return headers;
}
