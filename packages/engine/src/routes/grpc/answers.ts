import { constants, type ServerHttp2Stream } from "node:http2";
import type { Backend, Decision } from "@perch/core";

/** gRPC status codes, https://grpc.github.io/grpc/core/md_doc_statuscodes.html. */
const UNAVAILABLE = 14;

/** Characters of a message; clients refuse headers of more than 8 KiB, and one character can take 12 bytes. */
const LONGEST_MESSAGE = 600;

type Unavailable = Extract<Decision, { kind: "unavailable" }>;

/** A variant that exists and cannot serve: an error that names it, never stable. */
export function answerUnavailable(call: ServerHttp2Stream, decision: Unavailable): void {
  const { service, pr, state, detail } = decision;
  answer(call, `${variant(service, pr)} is ${state}: ${detail} See \`${logs(service, pr)}\`.`);
}

/** A backend that the table says is ready, and that took no call. */
export function answerUnreachable(call: ServerHttp2Stream, { service, pr }: Backend, reason: string): void {
  answer(
    call,
    `${variant(service, pr)} took no call (${reason}). Try again; if it stays so, see \`${logs(service, pr)}\`.`,
  );
}

/** A backend that was lost with the call. The call may have had its effect, and is not sent again. */
export function answerLost(call: ServerHttp2Stream, backend: Backend): void {
  answer(call, lostMessage(backend));
}

/** The same as trailers, for a call whose answer had begun. */
export function lostTrailers(backend: Backend): Record<string, string> {
  return statusHeaders(lostMessage(backend));
}

/** A service that the table does not know. */
export function answerNoRoute(call: ServerHttp2Stream, service: string): void {
  answer(call, `${service} has no route. \`perch status\` shows what runs.`);
}

/** What is no gRPC call (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Requests). */
export function refuse(call: ServerHttp2Stream, status: 400 | 405 | 415): void {
  if (call.closed || call.headersSent) return;
  call.respond({
    ":status": status,
    "content-type": "text/plain; charset=utf-8",
    ...(status === 405 ? { allow: "POST" } : {}),
  });
  call.end("This address takes gRPC calls only: POST with content-type application/grpc.\n");
  stopSending(call);
}

/**
 * Tells a client that is still sending that nobody reads it, once it has the whole answer (RFC 9113, section 8.1).
 * Called when all of the answer was handed over; on a stream that both sides have ended it does nothing.
 */
export function stopSending(call: ServerHttp2Stream): void {
  call.resume();
  if (!call.readableEnded) setImmediate(closeWhenSent, call);
}

function closeWhenSent(call: ServerHttp2Stream): void {
  if (call.writableFinished) call.close(constants.NGHTTP2_NO_ERROR);
  else call.once("finish", () => call.close(constants.NGHTTP2_NO_ERROR));
}

/** A trailers-only answer. */
function answer(call: ServerHttp2Stream, message: string): void {
  if (call.closed || call.headersSent) return;
  const head = { ":status": 200, "content-type": "application/grpc" };
  call.respond({ ...head, ...statusHeaders(message) }, { endStream: true });
  stopSending(call);
}

function statusHeaders(message: string): Record<string, string> {
  return { "grpc-status": String(UNAVAILABLE), "grpc-message": percentEncode(message) };
}

function lostMessage({ service, pr }: Backend): string {
  return `${variant(service, pr)} ended during the call. See \`${logs(service, pr)}\`.`;
}

function variant(service: string, pr: number | undefined): string {
  return pr === undefined ? `Stable ${service}` : `The canary of PR ${pr} of ${service}`;
}

function logs(service: string, pr: number | undefined): string {
  return `perch logs ${service}${pr === undefined ? "" : ` --pr ${pr}`}`;
}

/** The encoding of grpc-message: printable ASCII but `%` stays as it is (PROTOCOL-HTTP2, Responses). */
export function percentEncode(message: string): string {
  const short = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}...` : message;
  return short.toWellFormed().replace(/[^ -$&-~]/gu, encodeURIComponent);
}
