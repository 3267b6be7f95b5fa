import { Pool } from "undici";
import { atMost } from "../at-most.ts";

/** Milliseconds to connect to a process on this machine; a full accept queue is what takes this long. */
const CONNECT_TIMEOUT = 5_000;
/** Milliseconds that an idle connection is kept where the backend does not say (`Keep-Alive: timeout=`): less than servers' usual 5 s. */
const IDLE_TIMEOUT = 4_000;
const IDLE_TIMEOUT_MAX = 60_000;
const MAX_RESPONSE_HEADERS = 64 * 1024;

/** The connections to one address and the count of what is under way on them. */
export class Connections {
  readonly pool: Pool;
  #inFlight = 0;
  #retired: PromiseWithResolvers<void> | undefined;

  constructor(address: string, connectTimeout: number) {
    this.pool = new Pool(`http://${address}`, {
      pipelining: 1,
      allowH2: false,
      connectTimeout,
      keepAliveTimeout: IDLE_TIMEOUT,
      keepAliveMaxTimeout: IDLE_TIMEOUT_MAX,
      maxHeaderSize: MAX_RESPONSE_HEADERS,
      // A stream may be silent for as long as its ends like.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Requests and upgraded connections under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  enter(): void {
    this.#inFlight++;
  }

  /** Once for each `enter`. */
  leave(): void {
    this.#inFlight--;
    if (this.#inFlight === 0 && this.#retired !== undefined) this.#closePool(this.#retired);
  }

  /** Resolves when nothing is under way and every pooled connection is closed. */
  retire(): Promise<void> {
    if (this.#retired === undefined) {
      this.#retired = Promise.withResolvers();
      if (this.#inFlight === 0) this.#closePool(this.#retired);
    }
    return this.#retired.promise;
  }

  #closePool(retired: PromiseWithResolvers<void>): void {
    // The only way to fail is that the pool was destroyed meanwhile: its connections are closed all the more.
    this.pool.close().then(retired.resolve, () => retired.resolve());
  }
}

/** Connections by backend address. */
export class Backends {
  readonly #current = new Map<string, Connections>();
  readonly #retiring = new Map<Connections, string>();
  readonly #connectTimeout: number;

  constructor(connectTimeout = CONNECT_TIMEOUT) {
    this.#connectTimeout = connectTimeout;
  }

  /** Counts a request in; the caller calls `leave` on the result exactly once, when the request is over. */
  enter(address: string): Connections {
    let connections = this.#current.get(address);
    if (connections === undefined) {
      connections = new Connections(address, this.#connectTimeout);
      this.#current.set(address, connections);
    }
    connections.enter();
    return connections;
  }

  /** Requests and upgraded connections under way at an address. */
  inFlight(address: string): number {
    let count = this.#current.get(address)?.inFlight ?? 0;
    for (const connections of this.#retiringAt(address)) count += connections.inFlight;
    return count;
  }

  /**
   * Waits until nothing is under way at an address to which the table no longer points, and closes the connections to it.
   * After the time-out (milliseconds) what is left goes on until it ends by itself. A later request opens new connections.
   */
  async release(address: string, timeout: number): Promise<void> {
    const current = this.#current.get(address);
    if (current !== undefined) this.#retire(address, current);
    const all = Promise.all([...this.#retiringAt(address)].map((connections) => connections.retire()));
    await atMost(timeout, all);
  }

  /** Forgets an address that does not answer, so that addresses of processes long gone do not pile up. */
  forget(address: string, connections: Connections): void {
    if (connections.inFlight === 0) this.renew(address, connections);
  }

  /**
   * After one connection was found dead: later requests open new ones. When a process dies, all its connections do, and the
   * pool learns of each by itself, in its own time. What is under way on the others goes on.
   */
  renew(address: string, connections: Connections): void {
    if (this.#current.get(address) === connections) this.#retire(address, connections);
  }

  /** Ends every connection, whatever is under way. */
  async destroy(): Promise<void> {
    const all = [...this.#current.values(), ...this.#retiring.keys()];
    this.#current.clear();
    await Promise.all(all.map(({ pool }) => pool.destroy()));
  }

  #retire(address: string, connections: Connections): void {
    this.#current.delete(address);
    this.#retiring.set(connections, address);
    void connections.retire().then(() => this.#retiring.delete(connections));
  }

  *#retiringAt(address: string): Generator<Connections> {
    for (const [connections, at] of this.#retiring) if (at === address) yield connections;
  }
}
