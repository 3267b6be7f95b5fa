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
import { type GrpcRouter, type GrpcRouterOptions, startGrpcRouter } from "../../../src/routes/grpc/index.ts";

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

/** Where the service `store` runs: an address, or a state in which it cannot serve. */
export interface Variants {
  readonly stable?: string | { state: string; holds?: true; isComing?: true };
  readonly canaries?: Readonly<Record<number, string | { state: string; holds?: true; isComing?: true }>>;
}

export function tableOf({ stable = { state: "starting" }, canaries = {} }: Variants): RouteTable {
  const service = "store";
  const availability = (
    at: string | { state: string; holds?: true; isComing?: true },
    pr?: number,
  ): Availability =>
    typeof at === "string"
      ? {
          kind: "ready",
          backend: { service, address: at, revision: "0123456789ab", ...(pr === undefined ? {} : { pr }) },
        }
      : { kind: "unready", detail: "It is on its way.", ...at };
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
export async function route(
  t: TestContext,
  table: RouteTable | (() => RouteTable),
  options: Partial<GrpcRouterOptions> = {},
): Promise<TestRouter> {
  const router = await startGrpcRouter({
    listen: [{ host: "127.0.0.1", port: 0 }],
    service: "store",
    table: typeof table === "function" ? table : () => table,
    logger: silent,
    ...options,
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
