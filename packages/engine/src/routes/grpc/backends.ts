import { type ClientHttp2Session, connect } from "node:http2";
import { atMost } from "../at-most.ts";
import { Connection, sessionReady } from "./connection.ts";
import { SESSION_OPTIONS } from "./settings.ts";

/** The connections to every backend, by `host:port`. */
export class Backends {
  readonly #pools = new Map<string, Pool>();
  /** All that are open or being opened. */
  readonly #sessions = new Set<ClientHttp2Session>();

  /** Promises a stream to a backend, on a new connection if need be. @throws Error when it cannot be reached. */
  reserve(address: string): Connection | Promise<Connection> {
    let pool = this.#pools.get(address);
    if (pool === undefined) {
      const open = () => this.#open(address);
      pool = new Pool(open, () => this.#pools.delete(address));
      this.#pools.set(address, pool);
    }
    return pool.reserve();
  }

  /** Resolves when no stream to an address is open and its connections are closed, or after the time-out (milliseconds). */
  async release(address: string, timeout: number): Promise<void> {
    const released = this.#pools.get(address)?.drain();
    if (released === undefined) return;
    await atMost(timeout, released);
  }

  /** Ends every connection; streams that are open end with it. */
  destroy(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #open(address: string): ClientHttp2Session {
    const session = connect(`http://${address}`, SESSION_OPTIONS);
    this.#sessions.add(session);
    session.once("close", () => this.#sessions.delete(session));
    return session;
  }
}

/** The connections to one backend: as many as its limit of streams per connection makes necessary. */
class Pool {
  readonly #open: () => ClientHttp2Session;
  readonly #onEmpty: () => void;
  readonly #connections = new Set<Connection>();
  #connecting: Promise<void> | undefined;
  /** Streams that are open, promised or waited for. */
  #streams = 0;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(open: () => ClientHttp2Session, onEmpty: () => void) {
    this.#open = open;
    this.#onEmpty = onEmpty;
  }

  reserve(): Connection | Promise<Connection> {
    this.#streams += 1;
    return this.#take() ?? this.#takeNew();
  }

  async drain(): Promise<void> {
    while (this.#streams > 0) {
      this.#drained ??= Promise.withResolvers();
      await this.#drained.promise;
    }
    await Promise.all(Array.from(this.#connections, (connection) => connection.end()));
  }

  #take(): Connection | undefined {
    for (const connection of this.#connections) {
      if (!connection.hasRoom) continue;
      connection.reserve();
      return connection;
    }
    return undefined;
  }

  /** Many may wait for one connection; those beyond its limit wait for the next. */
  async #takeNew(): Promise<Connection> {
    try {
      for (;;) {
        this.#connecting ??= this.#connect().finally(() => {
          this.#connecting = undefined;
        });
        await this.#connecting;
        const connection = this.#take();
        if (connection !== undefined) return connection;
      }
    } catch (error) {
      this.#done();
      throw error;
    }
  }

  async #connect(): Promise<void> {
    const session = this.#open();
    await sessionReady(session);
    const connection = new Connection(session, () => this.#done());
    if (!connection.hasRoom) {
      session.destroy();
      throw new Error("it takes no streams");
    }
    this.#connections.add(connection);
    session.once("close", () => {
      this.#connections.delete(connection);
      this.#forgetIfEmpty();
    });
  }

  #done(): void {
    this.#streams -= 1;
    if (this.#streams > 0) return;
    this.#drained?.resolve();
    this.#drained = undefined;
    this.#forgetIfEmpty();
  }

  #forgetIfEmpty(): void {
    if (this.#streams === 0 && this.#connections.size === 0) this.#onEmpty();
  }
}
