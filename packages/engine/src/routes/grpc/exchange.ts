import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { answerUnreachable, lostTrailers } from "./answers.ts";
import type { RawHeaders } from "./headers.ts";
import type { Lease } from "./sessions.ts";

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/** How one attempt to send a call to a backend ended. */
export type Ending =
  /** The backend saw it; whatever came of it has been passed on. */
  | "answered"
  /** The backend says that it did not look at it (RFC 9113, sections 6.8 and 8.7): it may be sent again. */
  | "refused";

/** What was read of a call before it is sure that it need not be sent again. */
export interface Replay {
  readonly chunks: Buffer[];
  bytes: number;
  /** No more is kept: it has grown too large, or the answer has begun. */
  over: boolean;
  ended: boolean;
}

/** A message larger than this is sent once: keeping it for a rare second attempt would cost every call. */
const MOST_KEPT = 64 * 1024;

export function newReplay(): Replay {
  return { chunks: [], bytes: 0, over: false, ended: false };
}

/** Sends a call over a leased session and passes the answer back, both ways with back-pressure. */
export function exchange(
  call: ServerHttp2Stream,
  headers: RawHeaders,
  replay: Replay,
  lease: Lease,
  service: string,
): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<Ending>();
  const upstream = open(lease, headers);
  if (upstream === undefined) {
    lease.done();
    resolve("refused");
    return promise;
  }
  const stopSending = send(call, upstream, replay);
  const answer = receive(call, upstream, replay);
  const cancel = () => {
    if (!upstream.closed) upstream.close(call.rstCode === NGHTTP2_NO_ERROR ? NGHTTP2_CANCEL : call.rstCode);
  };
  call.once("close", cancel);
  // What went wrong shows in how the stream closed.
  upstream.on("error", () => undefined);
  upstream.once("close", () => {
    lease.done();
    stopSending();
    call.off("close", cancel);
    const refused = upstream.rstCode === NGHTTP2_REFUSED_STREAM && !call.headersSent;
    if (refused && !replay.over && !call.destroyed) return resolve("refused");
    if (!answer.complete) breakOff(call, upstream.rstCode, lease.session.destroyed, answer, service);
    resolve("answered");
  });
  return promise;
}

/** The backend's stream closed before the answer was whole: the caller must not take it for whole. */
function breakOff(
  call: ServerHttp2Stream,
  code: number,
  sessionLost: boolean,
  answer: Answer,
  service: string,
): void {
  if (call.destroyed) return;
  // A reset is the backend's own word, and is passed on; a lost connection is UNAVAILABLE, which callers may retry.
  if (!sessionLost && code !== NGHTTP2_NO_ERROR) {
    call.close(code);
  } else if (call.headersSent) {
    answer.trailers = lostTrailers(service);
    call.end();
  } else {
    answerUnreachable(call, service, "the connection was lost");
  }
}

/** A session that got a GOAWAY since it was leased opens no stream: nothing was sent. */
function open({ session }: Lease, headers: RawHeaders): ClientHttp2Stream | undefined {
  try {
    return session.request(headers as string[], { endStream: false });
  } catch {
    return undefined;
  }
}

function send(call: ServerHttp2Stream, upstream: ClientHttp2Stream, replay: Replay): () => void {
  for (const chunk of replay.chunks) upstream.write(chunk);
  if (replay.ended) upstream.end();
  const onData = (chunk: Buffer) => {
    keep(replay, chunk);
    if (!upstream.write(chunk)) call.pause();
  };
  const onEnd = () => {
    replay.ended = true;
    upstream.end();
  };
  const onDrain = () => call.resume();
  call.on("data", onData);
  call.once("end", onEnd);
  upstream.on("drain", onDrain);
  call.resume();
  return () => {
    call.off("data", onData);
    call.off("end", onEnd);
    upstream.off("drain", onDrain);
    call.pause();
  };
}

function keep(replay: Replay, chunk: Buffer): void {
  if (replay.over) return;
  replay.bytes += chunk.length;
  if (replay.bytes > MOST_KEPT) forget(replay);
  else replay.chunks.push(chunk);
}

function forget(replay: Replay): void {
  replay.over = true;
  replay.chunks.length = 0;
}

/** What has come of an answer. */
interface Answer {
  trailers: IncomingHttpHeaders | undefined;
  complete: boolean;
}

function receive(call: ServerHttp2Stream, upstream: ClientHttp2Stream, replay: Replay): Answer {
  const answer: Answer = { trailers: undefined, complete: false };
  upstream.once("response", (_headers, flags, raw: RawHeaders = []) => {
    forget(replay);
    if (call.destroyed) return;
    const endStream = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    answer.complete = endStream;
    call.respond(raw, { endStream, waitForTrailers: !endStream });
  });
  upstream.on("trailers", (trailers: IncomingHttpHeaders) => {
    answer.trailers = trailers;
  });
  upstream.on("data", (chunk: Buffer) => {
    if (!call.destroyed && !call.write(chunk)) upstream.pause();
  });
  upstream.once("end", () => {
    if (answer.complete || answer.trailers === undefined) return;
    answer.complete = true;
    if (!call.destroyed) call.end();
  });
  call.on("drain", () => upstream.resume());
  call.once("wantTrailers", () => call.sendTrailers(answer.trailers ?? {}));
  return answer;
}
