import {
  Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from "@grpc/grpc-js";
import { TRAIL_HEADER } from "@perch/header";
import { checkedIdentity, type Identity } from "../identity.ts";
import { ownTrail } from "../own-trail.ts";
import type { OnInvalid } from "../received.ts";
import { type CanaryContext, runInContext, Scope } from "../storage.ts";
import { contextOfMetadata } from "./metadata.ts";

/** What the server interceptor needs to know. */
export interface CanaryServerOptions {
  /** Who this service is, from `identityFromEnv()`. */
  readonly identity: Identity;
  /** Called for each invalid selector; `invalidSelectorCount()` has the totals. */
  readonly onInvalid?: OnInvalid;
}

type ServerListener = Parameters<ServerInterceptingCallInterface["start"]>[0];
type ServerStatus = Parameters<ServerInterceptingCallInterface["sendStatus"]>[0];

/**
 * Reads the selector of each call, runs its handler with it, and sends the trail in the trailers, with errors too:
 * `new Server({ interceptors: [canaryServerInterceptor({ identity })] })`. Put it first: what an interceptor before it
 * answers has no trail.
 *
 * @throws Error at once if the identity is malformed.
 */
export function canaryServerInterceptor(options: CanaryServerOptions): ServerInterceptor {
  checkedIdentity(options.identity);
  return (_method, call) => new CanaryServerCall(call, options);
}

/**
 * A subclass rather than an interceptor's usual listener, because grpc-js passes `onCancel` on outside of what that can
 * wrap.
 */
class CanaryServerCall extends ServerInterceptingCall {
  readonly #call: ServerInterceptingCallInterface;
  readonly #options: CanaryServerOptions;
  /** Where its handler began; what came before has no selector yet. */
  #scope: Scope | undefined;

  constructor(call: ServerInterceptingCallInterface, options: CanaryServerOptions) {
    super(call);
    this.#call = call;
    this.#options = options;
  }

  override start(listener: ServerListener): void {
    super.start({
      onReceiveMetadata: (metadata) => this.#begin(metadata, listener),
      onReceiveMessage: (message) => this.#run(() => listener.onReceiveMessage(message)),
      onReceiveHalfClose: () => this.#run(() => listener.onReceiveHalfClose()),
      onCancel: () => this.#run(() => listener.onCancel()),
    });
  }

  #begin(metadata: Metadata, listener: ServerListener): void {
    const context = contextOfMetadata(metadata, this.#options.onInvalid);
    if (context !== undefined) sendTrailWithStatus(this.#call, this.#options.identity, context);
    runInContext(context, () => {
      this.#scope = new Scope();
      listener.onReceiveMetadata(metadata);
    });
  }

  #run(body: () => void): void {
    if (this.#scope === undefined) runInContext(undefined, body);
    else this.#scope.run(body);
  }
}

/**
 * Adds the trail to whatever status ends the call. It is done on the call underneath, not in `sendStatus` of the
 * interceptor: that is where grpc-js itself ends calls (deadline, message too large, message that cannot be written).
 */
function sendTrailWithStatus(
  call: ServerInterceptingCallInterface,
  identity: Identity,
  context: CanaryContext,
): void {
  const sendStatus = call.sendStatus.bind(call);
  call.sendStatus = (status) => sendStatus(withTrail(status, ownTrail(identity, context)));
}

/** A handler may pass on the error of its own call with all its metadata, so an earlier trail is replaced. */
function withTrail(status: ServerStatus, trail: string | undefined): ServerStatus {
  if (trail === undefined) return status;
  const metadata = status.metadata?.clone() ?? new Metadata();
  metadata.set(TRAIL_HEADER, trail);
  return { ...status, metadata };
}
