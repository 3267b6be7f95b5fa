import type { ServerHttp2Stream } from "node:http2";
import type { Decision } from "@perch/core";

/** gRPC status codes that the router itself answers, https://grpc.github.io/grpc/core/md_doc_statuscodes.html. */
const UNAVAILABLE = 14;

type Unavailable = Extract<Decision, { kind: "unavailable" }>;

/** A variant that exists and cannot serve: an error that names it, never stable. */
export function answerUnavailable(
  stream: ServerHttp2Stream,
  { service, pr, state, detail }: Unavailable,
): void {
  const what = pr === undefined ? `stable ${service}` : `the canary of ${service} for PR ${pr}`;
  const hint = `perch logs ${service}${pr === undefined ? "" : ` --pr ${pr}`}`;
  answer(stream, UNAVAILABLE, `${what} is ${state}: ${detail} See \`${hint}\`.`);
}

/** A backend that the table says is ready and that cannot be reached. */
export function answerUnreachable(stream: ServerHttp2Stream, service: string, reason: string): void {
  answer(stream, UNAVAILABLE, `${service} does not answer (${reason}); it is started again if it ended.`);
}

/** What is no gRPC call, https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests. */
export function refuseContentType(stream: ServerHttp2Stream): void {
  if (stream.headersSent || stream.destroyed) return;
  stream.respond({ ":status": 415, "content-type": "text/plain" });
  stream.end("This port takes gRPC calls only (content-type application/grpc).\n");
}

/** Trailers that end a call whose backend went away after it had begun to answer. */
export function lostTrailers(service: string): Record<string, string> {
  return {
    "grpc-status": String(UNAVAILABLE),
    "grpc-message": percentEncode(`${service} ended during the call.`),
  };
}

/** A trailers-only answer. */
function answer(stream: ServerHttp2Stream, code: number, message: string): void {
  if (stream.headersSent || stream.destroyed) return;
  const headers = {
    ":status": 200,
    "content-type": "application/grpc",
    "grpc-status": String(code),
    "grpc-message": percentEncode(message),
  };
  stream.respond(headers, { endStream: true });
}

/** Percent-encoding of grpc-message: printable ASCII but `%` stays (PROTOCOL-HTTP2, Responses). */
function percentEncode(message: string): string {
  return message.replace(/[^ -$&-~]/gu, (character) => encodeURIComponent(character));
}
