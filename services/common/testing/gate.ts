import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Owner } from "./owner.ts";

/** Stands between a client and a server, and can hold back what the client sends: a server that hangs, on demand. */
export interface Gate {
  readonly port: number;
  /** From now on nothing passes. */
  hold(): void;
  /** What was held passes. */
  release(): void;
  /** Resolves when a client has sent something that is held, or at once when one has. */
  held(): Promise<void>;
  /** Resolves when the next client closes its connection. */
  closed(): Promise<void>;
}

/** Opens a gate to a port of this machine, until its owner ends. */
export async function startGate(owner: Owner, target: number): Promise<Gate> {
  const events = new EventEmitter();
  const sockets = new Set<Socket>();
  let holding = false;
  let waiting: (() => void)[] = [];

  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) sockets.add(socket.setNoDelay());
    client.on("data", (chunk) => {
      if (!holding) return void upstream.write(chunk);
      waiting.push(() => upstream.write(chunk));
      events.emit("held");
    });
    upstream.on("data", (chunk) => client.write(chunk));
    join(client, upstream, () => events.emit("closed"));
    join(upstream, client, () => sockets.delete(upstream));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  owner.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  return {
    port: (server.address() as AddressInfo).port,
    hold() {
      holding = true;
    },
    release() {
      holding = false;
      for (const send of waiting) send();
      waiting = [];
    },
    async held() {
      if (waiting.length === 0) await once(events, "held");
    },
    async closed() {
      await once(events, "closed");
    },
  };
}

/** When one side ends, in whatever way, the other does. */
function join(from: Socket, to: Socket, ended: () => void): void {
  from.on("error", () => to.destroy());
  from.on("close", () => {
    to.destroy();
    ended();
  });
}
