import type { EventEmitter } from "node:events";
import {
  type ChannelOptions,
  Client,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Interceptor,
  type Metadata,
  type requestCallback,
  Server,
  ServerCredentials,
  type ServerOptions,
  type ServiceDefinition,
  type StatusObject,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { parseTrail, TRAIL_HEADER, type Trail } from "@perch/header";

const toBytes = (value: string): Buffer => {
  if (value === "unwritable") throw new Error("not a message");
  return Buffer.from(value);
};
const toText = (bytes: Buffer): string => bytes.toString();

function method(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/test.v1.Test/${name}`,
    requestStream,
    responseStream,
    requestSerialize: toBytes,
    requestDeserialize: toText,
    responseSerialize: toBytes,
    responseDeserialize: toText,
  };
}

/** A service whose messages are plain text, with a method of each call type. */
export const definition = {
  unary: method("Unary", false, false),
  clientStream: method("ClientStream", true, false),
  serverStream: method("ServerStream", false, true),
  bidi: method("Bidi", true, true),
} satisfies ServiceDefinition;

export interface Handlers {
  readonly unary?: handleUnaryCall<string, string>;
  readonly clientStream?: handleClientStreamingCall<string, string>;
  readonly serverStream?: handleServerStreamingCall<string, string>;
  readonly bidi?: handleBidiStreamingCall<string, string>;
}

export interface RunningGrpc extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
}

export function serveGrpc(handlers: Handlers, options: ServerOptions = {}): Promise<RunningGrpc> {
  const server = new Server(options);
  server.addService(definition, { ...handlers } as UntypedServiceImplementation);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      const stop = async () => server.forceShutdown();
      if (error) reject(error);
      else resolve({ address: `127.0.0.1:${port}`, port, [Symbol.asyncDispose]: stop });
    });
  });
}

/** A client of that service, closed at the end of the block. */
export class TestClient extends Client implements Disposable {
  constructor(address: string, interceptors: Interceptor[] = [], options: ChannelOptions = {}) {
    super(address, credentials.createInsecure(), { ...options, interceptors });
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** How a call ended, and what came before. */
export interface Ended {
  readonly messages: readonly string[];
  readonly code: number;
  readonly metadata: Metadata;
  readonly trail: Trail | undefined;
}

type CallType = keyof typeof definition;

interface CallSettings {
  readonly metadata: Metadata;
  /** Milliseconds from now. */
  readonly deadline?: number;
  readonly messages?: readonly string[];
  /** Called in every event of the call. */
  readonly look?: () => void;
}

/** Makes one call of any type and waits until it has ended; an error status is a result, too. */
export function callOf(client: Client, type: CallType, settings: CallSettings): Promise<Ended> {
  const { look = () => {} } = settings;
  const messages: string[] = [];
  const receive = (message: string) => {
    look();
    messages.push(message);
  };
  const call = start(client, type, settings, (_error, message) => receive(message ?? ""));
  call.on("error", look);
  call.on("metadata", look);
  if (call.read !== undefined) call.on("data", receive);
  for (const message of sentMessages(settings)) call.write?.(message, look);
  call.end?.();
  return new Promise((resolve) => {
    call.on("status", ({ code, metadata }: StatusObject) => {
      look();
      resolve({ messages, code, metadata, trail: trailOf(metadata) });
    });
  });
}

/** What the four kinds of client calls have in common. */
interface AnyCall {
  readonly on: EventEmitter["on"];
  readonly read?: () => unknown;
  readonly write?: (message: string, sent: () => void) => unknown;
  readonly end?: () => unknown;
}

function start(
  client: Client,
  type: CallType,
  settings: CallSettings,
  answered: requestCallback<string>,
): AnyCall {
  const { metadata, deadline } = settings;
  const { path, requestSerialize: write, responseDeserialize: read } = definition[type];
  const options = deadline === undefined ? {} : { deadline: Date.now() + deadline };
  const first = sentMessages(settings)[0] ?? "";
  switch (type) {
    case "unary":
      return client.makeUnaryRequest(path, write, read, first, metadata, options, answered);
    case "clientStream":
      return client.makeClientStreamRequest(path, write, read, metadata, options, answered);
    case "serverStream":
      return client.makeServerStreamRequest(path, write, read, first, metadata, options);
    case "bidi":
      return client.makeBidiStreamRequest(path, write, read, metadata, options);
  }
}

function sentMessages({ messages = ["hello"] }: CallSettings): readonly string[] {
  return messages;
}

export function trailOf(metadata: Metadata): Trail | undefined {
  return parseTrail(metadata.get(TRAIL_HEADER).map(String));
}
