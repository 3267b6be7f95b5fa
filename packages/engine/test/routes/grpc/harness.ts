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
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import {
  Client,
  type ClientOptions,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import type { Availability, RouteTable } from "@perch/core";
import { pino } from "pino";
import { type GrpcRouter, startGrpcRouter } from "../../../src/routes/grpc/index.ts";

export const silent = pino({ level: "silent" });

/** Messages are bytes as they are: the router knows nothing of protobuf. */
const same = (bytes: Buffer) => bytes;

const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Test/${name}`,
  requestStream,
  responseStream,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});

const TEST_SERVICE: ServiceDefinition = {
  Unary: method("Unary", false, false),
  ClientStream: method("ClientStream", true, false),
  ServerStream: method("ServerStream", false, true),
  Bidi: method("Bidi", true, true),
};

export interface Handlers {
  readonly Unary?: handleUnaryCall<Buffer, Buffer>;
  readonly ClientStream?: handleClientStreamingCall<Buffer, Buffer>;
  readonly ServerStream?: handleServerStreamingCall<Buffer, Buffer>;
  readonly Bidi?: handleBidiStreamingCall<Buffer, Buffer>;
}

const NO_LIMITS = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

export interface TestBackend {
  readonly address: string;
  readonly server: Server;
}

/** A real gRPC server on loopback; ended with its test. */
export async function backend(t: TestContext, handlers: Handlers): Promise<TestBackend> {
  const server = new Server(NO_LIMITS);
  server.addService(TEST_SERVICE, { ...handlers });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
    error === null ? resolve(port) : reject(error),
  );
  t.after(() => server.forceShutdown());
  return { address: `127.0.0.1:${await promise}`, server };
}

/** A backend whose unary calls answer with a name. */
export function named(t: TestContext, name: string): Promise<TestBackend> {
  return backend(t, { Unary: (_call, answer) => answer(null, Buffer.from(name)) });
}

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

/** Where the service `store` runs: an address, or a state in which it cannot serve. */
export interface Variants {
  readonly stable?: string | { state: string };
  readonly canaries?: Readonly<Record<number, string | { state: string }>>;
}

export function tableOf({ stable = { state: "starting" }, canaries = {} }: Variants): RouteTable {
  const service = "store";
  const availability = (at: string | { state: string }, pr?: number): Availability =>
    typeof at === "string"
      ? {
          kind: "ready",
          backend: { service, address: at, revision: "0123456789ab", ...(pr === undefined ? {} : { pr }) },
        }
      : { kind: "unready", state: at.state, detail: "It is on its way." };
  const routes = {
    service,
    protocol: "grpc" as const,
    stable: availability(stable),
    canaries: new Map(Object.entries(canaries).map(([pr, at]) => [Number(pr), availability(at, Number(pr))])),
  };
  return { edgeHosts: [], edgePrefixes: [], services: new Map([[service, routes]]) };
}

export interface TestRouter {
  readonly router: GrpcRouter;
  readonly port: number;
  readonly client: TestClient;
}

/** A router of `store` for a table that may change, and a client of it; ended with their test. */
export async function route(t: TestContext, table: RouteTable | (() => RouteTable)): Promise<TestRouter> {
  const router = await startGrpcRouter({
    listen: [{ host: "127.0.0.1", port: 0 }],
    service: "store",
    table: typeof table === "function" ? table : () => table,
    logger: silent,
  });
  t.after(() => router.close(0));
  const port = router.listening[0]?.port ?? 0;
  return { router, port, client: dial(t, port) };
}

/** Ends with its test. */
export function dial(t: TestContext, port: number, options: ClientOptions = {}): TestClient {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    ...NO_LIMITS,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_retries": 0,
    ...options,
  });
  t.after(() => client.close());
  return new TestClient(client);
}

export function metadata(entries: Readonly<Record<string, string | Buffer>> = {}): Metadata {
  const result = new Metadata();
  for (const [key, value] of Object.entries(entries)) result.add(key, value);
  return result;
}

/** Calls the methods of the test service. */
export class TestClient {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** @throws ServiceError */
  unary(body: Buffer | string = "", sent = metadata(), deadline?: Date): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const options = deadline === undefined ? {} : { deadline };
    const done = (error: ServiceError | null, value?: Buffer) =>
      error === null ? resolve(value ?? Buffer.alloc(0)) : reject(error);
    this.#client.makeUnaryRequest("/test.Test/Unary", same, same, Buffer.from(body), sent, options, done);
    return promise;
  }

  /** A unary call with everything that came back. @throws ServiceError */
  unaryWhole(
    body: Buffer | string,
    sent: Metadata,
  ): Promise<{ value: Buffer; head: Metadata; trailers: Metadata }> {
    const { promise, resolve, reject } = Promise.withResolvers<{
      value: Buffer;
      head: Metadata;
      trailers: Metadata;
    }>();
    let head = new Metadata();
    let value: Buffer = Buffer.alloc(0);
    const call = this.#client.makeUnaryRequest(
      "/test.Test/Unary",
      same,
      same,
      Buffer.from(body),
      sent,
      (error, received) => {
        if (error !== null) return reject(error);
        value = received ?? value;
      },
    );
    call.on("metadata", (received) => {
      head = received;
    });
    call.on("status", ({ metadata: trailers }) => resolve({ value, head, trailers }));
    return promise;
  }

  /** The answer to a unary call with a selector, as text. */
  async select(selector?: string): Promise<string> {
    return String(await this.unary("", metadata(selector === undefined ? {} : { "x-canary": selector })));
  }

  clientStream(done: (error: ServiceError | null, value?: Buffer) => void, sent = metadata()) {
    return this.#client.makeClientStreamRequest("/test.Test/ClientStream", same, same, sent, done);
  }

  serverStream(body: Buffer | string = "", sent = metadata()) {
    return this.#client.makeServerStreamRequest(
      "/test.Test/ServerStream",
      same,
      same,
      Buffer.from(body),
      sent,
    );
  }

  bidi(sent = metadata()) {
    return this.#client.makeBidiStreamRequest("/test.Test/Bidi", same, same, sent);
  }
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
