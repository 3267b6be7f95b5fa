import {
  InterceptingCall,
  type InterceptingListener,
  type Interceptor,
  type Metadata,
  type StatusObject,
  status,
} from "@grpc/grpc-js";
import { TRAIL_HEADER } from "@perch/header";
import type { CallOutcome } from "../calls.ts";
import { checkedService } from "../identity.ts";
import { receivedTrail } from "../received-trail.ts";
import { currentContext, Scope } from "../storage.ts";
import { textValues, withSelector } from "./metadata.ts";

/** What the client interceptor needs to know. */
export interface CanaryClientOptions {
  /** The name of the service that this client calls; the trail shows it where the service itself could not answer. */
  readonly service: string;
}

type NextCall = ConstructorParameters<typeof InterceptingCall>[0];
type MessageContext = Parameters<InterceptingCall["sendMessageWithContext"]>[0];

/**
 * Sends the current selector with each call and takes the trail from its trailers:
 * `new StoreClient(address, credentials, { interceptors: [canaryClientInterceptor({ service: "store" })] })`. Give it to
 * clients of your own services only. A call that grpc-js retries is one call, and one entry in the trail.
 *
 * @throws Error at once if the service's name is malformed.
 */
export function canaryClientInterceptor({ service }: CanaryClientOptions): Interceptor {
  checkedService(service, "service");
  return (options, nextCall) => new CanaryClientCall(nextCall(options), service);
}

/**
 * Besides the selector and the trail, it brings every event back to the caller: grpc-js emits them in
 * the context of whoever opened the connection, which may be another request with another selector.
 */
class CanaryClientCall extends InterceptingCall {
  readonly #service: string;
  readonly #caller = new Scope();
  readonly #context = currentContext();

  constructor(call: NextCall, service: string) {
    super(call);
    this.#service = service;
  }

  override start(metadata: Metadata, listener: Partial<InterceptingListener> = {}): void {
    const end = this.#context?.value === undefined ? undefined : this.#context.calls.begin(this.#service);
    let head: Metadata | undefined;
    super.start(withSelector(metadata, this.#context), {
      onReceiveMetadata: (received) => {
        head = received;
        this.#caller.run(() => listener.onReceiveMetadata?.(received));
      },
      onReceiveMessage: (message) => this.#caller.run(() => listener.onReceiveMessage?.(message)),
      onReceiveStatus: (received) => {
        end?.(outcomeOf(received, head));
        this.#caller.run(() => listener.onReceiveStatus?.(received));
      },
    });
  }

  override sendMessageWithContext(context: MessageContext, message: unknown): void {
    const { callback } = context;
    const bound =
      callback && ((...args: Parameters<typeof callback>) => this.#caller.run(() => callback(...args)));
    super.sendMessageWithContext(bound === undefined ? context : { ...context, callback: bound }, message);
  }
}

/** The codes with which grpc-js, or a proxy on the way, ends a call that its service did not answer. */
const WITHOUT_ANSWER: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
]);

/** A proxy that has nobody to ask answers in plain HTTP, as `503 text/plain`: that is no answer of the service. */
function isGrpc(head: Metadata): boolean {
  return textValues(head, "content-type").every((type) => type.startsWith("application/grpc"));
}

/** Without a trail and with another code it was answered, by a service that does not use this library. */
function outcomeOf(ended: StatusObject, head: Metadata | undefined): CallOutcome {
  const trail = receivedTrail(textValues(ended.metadata, TRAIL_HEADER));
  if (trail !== undefined || !WITHOUT_ANSWER.has(ended.code)) return { kind: "answered", trail };
  return { kind: head !== undefined && isGrpc(head) ? "cut" : "unreachable" };
}
