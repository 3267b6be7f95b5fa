import { once } from "node:events";
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** A bare HTTP/2 server, for what no gRPC library would do; ended with its test, all connections at once. */
export async function rawBackend(
  t: TestContext,
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: string[], nth: number) => void,
  settings: { maxConcurrentStreams?: number } = {},
): Promise<{ address: string; server: Http2Server; sessions: ServerHttp2Session[] }> {
  const server = createServer({ settings });
  const sessions: ServerHttp2Session[] = [];
  let count = 0;
  server.on("session", (session) => sessions.push(session));
  server.on("sessionError", () => {});
  server.on("stream", (stream, headers, _flags, raw) => {
    stream.on("error", () => {});
    count += 1;
    onStream(stream, headers, raw as unknown as string[], count);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => {
    server.close();
    for (const session of sessions) session.destroy();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, server, sessions };
}

/** Answers a raw stream as gRPC does: headers, one message, trailers. */
export function answerRaw(stream: ServerHttp2Stream, body: Buffer | string = "", status = "0"): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": status }));
  stream.end(frame(body));
}

/** A length-prefixed message. */
export function frame(body: Buffer | string): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** A server of bytes, for what is no HTTP/2; ended with its test. @returns its address */
export async function rawSocketBackend(t: TestContext, onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A bare HTTP/2 client; ended with its test. */
export async function rawClient(t: TestContext, port: number): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  t.after(() => session.destroy());
  await once(session, "connect");
  return session;
}

/** Headers of a gRPC request, as lines. */
export function request(...lines: string[]): string[] {
  return [
    ...[":method", "POST", ":path", "/test.Test/Unary", ":scheme", "http", ":authority", "store.apps"],
    ...["content-type", "application/grpc", "te", "trailers"],
    ...lines,
  ];
}

export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
  readonly trailers: IncomingHttpHeaders;
  readonly rawTrailers: string[];
  readonly body: Buffer;
  readonly rstCode: number;
}

/** Sends one request and reads the whole answer; `body` undefined: the request's side stays open. */
export async function sendRaw(
  session: ClientHttp2Session,
  lines: string[],
  body: Buffer | undefined = frame(""),
): Promise<RawAnswer> {
  const stream = session.request(lines, { endStream: false });
  stream.on("error", () => {});
  let [headers, trailers]: IncomingHttpHeaders[] = [{}, {}];
  let [rawHeaders, rawTrailers]: string[][] = [[], []];
  const chunks: Buffer[] = [];
  stream.once("response", (received, _flags, raw: string[]) => {
    headers = received;
    rawHeaders = raw;
  });
  stream.once("trailers", (received: IncomingHttpHeaders, _flags: number, raw: string[]) => {
    trailers = received;
    rawTrailers = raw;
  });
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (body !== undefined) stream.end(body);
  await new Promise((resolve) => stream.once("close", resolve));
  const { rstCode } = stream;
  return {
    headers: headers ?? {},
    rawHeaders: rawHeaders ?? [],
    trailers: trailers ?? {},
    rawTrailers: rawTrailers ?? [],
    body: Buffer.concat(chunks),
    rstCode,
  };
}
