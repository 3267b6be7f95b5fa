import { type ClientHttp2Session, connect } from "node:http2";

/** The right to one stream on an open session. */
export interface Lease {
  readonly session: ClientHttp2Session;
  /** Gives it back; called once, when the stream has closed. */
  done(): void;
}

/** HTTP/2 sessions to backends, by `host:port`. */
export interface Sessions {
  /** @throws Error when the backend cannot be reached. */
  acquire(address: string): Lease | Promise<Lease>;
  /** Resolves when no stream to an address is open and its sessions are closed, or after the time-out (milliseconds). */
  release(address: string, timeout: number): Promise<void>;
  /** Closes every session; streams that are open end with their connection. */
  destroy(): void;
}

/** 1 MiB a stream and 16 MiB a connection: enough that a window never limits loopback. */
const STREAM_WINDOW = 1024 * 1024;
const SESSION_WINDOW = 16 * STREAM_WINDOW;
/** Streams on a session whose peer has not said its limit yet, the least that RFC 9113 section 6.5.2 recommends. */
const UNTIL_TOLD = 100;
/** Milliseconds. */
const CONNECT_TIMEOUT = 5_000;

interface Connection {
  readonly session: ClientHttp2Session;
  streams: number;
}

interface Backend {
  readonly connections: Connection[];
  connecting: Promise<Connection> | undefined;
  streams: number;
  /** Called when the last stream closes. */
  idle: (() => void)[];
}

export function openSessions(): Sessions {
  const backends = new Map<string, Backend>();

  function backendOf(address: string): Backend {
    let backend = backends.get(address);
    if (backend === undefined) {
      backend = { connections: [], connecting: undefined, streams: 0, idle: [] };
      backends.set(address, backend);
    }
    return backend;
  }

  function lease(address: string, backend: Backend, connection: Connection): Lease {
    connection.streams += 1;
    return {
      session: connection.session,
      done: () => {
        connection.streams -= 1;
        backend.streams -= 1;
        if (backend.streams > 0) return;
        for (const resolve of backend.idle.splice(0)) resolve();
        if (backend.connections.length === 0) backends.delete(address);
      },
    };
  }

  return {
    acquire: (address) => {
      const backend = backendOf(address);
      backend.streams += 1;
      const open = backend.connections.find(hasRoom);
      return open === undefined ? acquireNew(address, backend) : lease(address, backend, open);
    },
    release: async (address, timeout) => {
      const backend = backends.get(address);
      if (backend === undefined) return;
      if (backend.streams > 0) await idleOrTimeout(backend, timeout);
      for (const { session } of backend.connections) session.close();
    },
    destroy: () => {
      for (const backend of backends.values())
        for (const { session } of backend.connections) session.destroy();
    },
  };

  async function acquireNew(address: string, backend: Backend): Promise<Lease> {
    try {
      for (;;) {
        backend.connecting ??= openConnection(address, backend).finally(() => {
          backend.connecting = undefined;
        });
        const connection = await backend.connecting;
        // Many may have waited for the same session; those beyond its limit open another.
        if (hasRoom(connection)) return lease(address, backend, connection);
      }
    } catch (error) {
      backend.streams -= 1;
      throw error;
    }
  }
}

function hasRoom({ session, streams }: Connection): boolean {
  if (session.closed || session.destroyed) return false;
  return streams < (session.remoteSettings?.maxConcurrentStreams ?? UNTIL_TOLD);
}

function openConnection(address: string, backend: Backend): Promise<Connection> {
  const session = connect(`http://${address}`, {
    settings: { initialWindowSize: STREAM_WINDOW, enablePush: false },
  });
  const connection: Connection = { session, streams: 0 };
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const timer = setTimeout(() => session.destroy(new Error("no connection in time")), CONNECT_TIMEOUT);
  // Errors after this point end streams, which report them.
  session.on("error", reject);
  session.once("close", () => {
    clearTimeout(timer);
    const place = backend.connections.indexOf(connection);
    if (place !== -1) backend.connections.splice(place, 1);
    reject(new Error("the connection was closed"));
  });
  // The peer's settings tell how many streams it takes; until then one cannot know.
  session.once("remoteSettings", () => {
    clearTimeout(timer);
    session.setLocalWindowSize(SESSION_WINDOW);
    backend.connections.push(connection);
    resolve(connection);
  });
  return promise;
}

function idleOrTimeout(backend: Backend, timeout: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeout);
    backend.idle.push(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
