import { type Backend, type EdgeRequest, isProbe, type Variant } from "@perch/core";
import type { Logger } from "pino";
import type { Dispatcher } from "undici";
import type { CanaryUse } from "../canary-use.ts";
import type { Observe } from "../observe.ts";
import { answer } from "./answers.ts";
import type { Backends, Connections } from "./backends.ts";
import type { Exchange } from "./exchange.ts";
import { Forward, type Progress } from "./forward.ts";
import { type RequestRewrite, requestHeaders } from "./headers.ts";
import { backendFailed, errorCode, isTimeout } from "./refusals.ts";
import { RequestBody } from "./request-body.ts";
import type { Routing } from "./routing.ts";
import type { Target } from "./target.ts";

/** What every delivery of one router shares. */
export interface DeliveryContext {
  /** Routes by the newest table; each call is one snapshot. */
  readonly route: (request: EdgeRequest) => Routing;
  readonly backends: Backends;
  /**
   * Whether what a peer (its IP address) says of the client is believed. Of any other, backends are told who it is in place of
   * what it claims. Absent: nothing is said or changed.
   */
  readonly trusts?: (peer: string) => boolean;
  readonly logger: Logger;
  /** Told how each request of a known variant went. */
  readonly observe?: Observe;
  /** Absent: no request waits. */
  readonly use?: CanaryUse;
  /** Milliseconds in which a backend must answer the handshake of a WebSocket: its client cannot be seen to leave in all cases. */
  readonly handshakeTimeout?: number;
}

type Refused = Extract<Routing, { kind: "refuse" }>;

/** What may be sent twice without doing it twice (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/**
 * Milliseconds before a request is tried again, by how often it was already. A process that died takes no connections a moment
 * before the table says so.
 */
const PAUSES = [0, 20, 60, 150, 400];

/**
 * Milliseconds before a request is sent a third time. A process that is killed closes its connections before the socket that
 * takes new ones, in its own time: what was sent again at once may have met that socket.
 */
const DYING_PAUSE = 300;

const HANDSHAKE_TIMEOUT = 60_000;

/**
 * Brings one request to the backend that the table names, and its answer back.
 *
 * A request is tried again, by a new snapshot of the table, when that cannot do anything twice: the connection could not be
 * made, or an idempotent request without a body was met by a connection that closed without a byte of an answer (an idle one
 * that the backend closed just then, or a backend that was just replaced); it then goes out on a new one. That is twice at
 * most, and once for a request that waited for its process: one that ends whatever serves it shall not end many. Any other
 * failure is answered.
 */
export class Delivery {
  readonly #context: DeliveryContext;
  readonly #exchange: Exchange;
  readonly #target: Target;
  readonly #selectorLines: readonly string[];
  readonly #began = performance.now();
  #forward: Forward | undefined;
  #retries = 0;
  /** How often the request was sent, and closed upon. */
  #closed = 0;
  #held = false;
  #counted = false;

  constructor(
    context: DeliveryContext,
    exchange: Exchange,
    request: { target: Target; selectorLines: readonly string[] },
  ) {
    this.#context = context;
    this.#exchange = exchange;
    this.#target = request.target;
    this.#selectorLines = request.selectorLines;
  }

  start(): void {
    this.#exchange.onClose((whole) => {
      if (whole) this.#exchange.discardRest();
      else this.#forward?.abort();
    });
    this.#attempt();
  }

  #attempt(): void {
    const { backends, route } = this.#context;
    const { host, path } = this.#target;
    const routing = route({ host, path, selectorLines: this.#selectorLines });
    if (routing.kind === "refuse") {
      if (this.#mayWait(routing)) return void this.#waitFor(routing.holds);
      if (routing.isComing !== true) this.#observe(routing.refusal, routing.refusal.status);
      answer(this.#exchange, routing.refusal);
      return;
    }
    this.#countUse(routing);
    const connections = backends.enter(routing.backend.address);
    this.#forward = new Forward(
      this.#exchange,
      connections,
      (error, progress) => this.#failed(error, progress, routing, connections),
      (status) => this.#observe(routing.backend, status),
    );
    connections.pool.dispatch(this.#backendRequest(routing.link), this.#forward);
  }

  /** Once: what does not serve after that is not waited for any longer. */
  #mayWait(routing: Routing): routing is Refused & { readonly holds: Variant } {
    if (routing.kind !== "refuse" || routing.holds === undefined) return false;
    return !this.#held && this.#context.use !== undefined && !this.#isProbe(routing);
  }

  async #waitFor(variant: Variant): Promise<void> {
    const { use } = this.#context;
    const gone = new AbortController();
    this.#exchange.onClose(() => gone.abort());
    this.#held = true;
    await use?.hold(variant, use.wakeTimeout, gone.signal);
    if (!gone.signal.aborted) this.#attempt();
  }

  /** From now to the end of the answer, or of the WebSocket, the canary is in use. */
  #countUse(routing: Extract<Routing, { kind: "forward" }>): void {
    const { use } = this.#context;
    if (use === undefined || routing.backend.pr === undefined || this.#counted || this.#isProbe(routing))
      return;
    this.#counted = true;
    this.#exchange.onOver(use.begin(routing.backend));
  }

  #isProbe({ readyPath }: Routing): boolean {
    return isProbe(this.#exchange.method, this.#target.path, readyPath);
  }

  #backendRequest(selector: string | undefined): Dispatcher.DispatchOptions {
    const { method, lines, body, upgrade } = this.#exchange;
    return {
      method,
      path: this.#target.url,
      headers: requestHeaders(lines, this.#rewrite(selector)),
      body: body === undefined ? null : new RequestBody(body),
      upgrade: upgrade === undefined ? null : "websocket",
      headersTimeout: upgrade === undefined ? null : (this.#context.handshakeTimeout ?? HANDSHAKE_TIMEOUT),
    };
  }

  #rewrite(selector: string | undefined): RequestRewrite {
    const { connection, peer, scheme } = this.#exchange;
    const { host } = this.#target;
    const { trusts } = this.#context;
    const base = { connection, host, selector };
    return trusts === undefined
      ? base
      : { ...base, forwarded: { peer, host, scheme, trusted: trusts(peer) } };
  }

  #failed(
    error: Error,
    progress: Progress,
    routing: Extract<Routing, { kind: "forward" }>,
    connections: Connections,
  ): void {
    const { logger, backends } = this.#context;
    const { backend } = routing;
    if (progress === "not-sent") backends.forget(backend.address, connections);
    else if (progress === "sent") {
      backends.renew(backend.address, connections);
      this.#closed += 1;
    }
    const pause = this.#pause(error, progress);
    logger.warn(
      {
        ...logged(backend),
        method: this.#exchange.method,
        error: errorCode(error) ?? error.message,
        retry: pause !== undefined,
      },
      "a backend failed a request",
    );
    if (pause !== undefined) {
      this.#retries += 1;
      this.#retryAfter(pause);
    } else {
      const refusal = backendFailed(backend, error, routing.selector);
      this.#observe(backend, refusal.status);
      answer(this.#exchange, refusal);
    }
  }

  #retryAfter(pause: number): void {
    const again = () => {
      if (!this.#exchange.gone) this.#attempt();
    };
    if (pause === 0) again();
    else setTimeout(again, pause);
  }

  #observe({ service, pr }: Partial<Variant>, status: number): void {
    if (service === undefined) return;
    const variant = pr === undefined ? { service } : { service, pr };
    this.#context.observe?.(variant, performance.now() - this.#began, status >= 500);
  }

  /** Milliseconds until the request is tried again; `undefined`: it is not. */
  #pause(error: Error, progress: Progress): number | undefined {
    if (isTimeout(error)) return undefined;
    if (progress === "not-sent") return PAUSES[this.#retries];
    if (progress !== "sent" || !this.#mayRepeat()) return undefined;
    if (this.#closed === 1) return 0;
    return this.#closed === 2 && !this.#held ? DYING_PAUSE : undefined;
  }

  #mayRepeat(): boolean {
    const { method, body } = this.#exchange;
    return IDEMPOTENT.has(method) && body === undefined;
  }
}

function logged({ service, pr, address, revision }: Backend): object {
  return { service, pr, address, revision };
}
