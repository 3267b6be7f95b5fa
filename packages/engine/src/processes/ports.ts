import { once } from "node:events";
import { createServer } from "node:net";

/** A port that was free a moment ago, and that the engine gives to nobody else until it is released. */
export interface ReservedPort {
  readonly port: number;
  /** Once whoever it was for listens on it, or has ended. */
  release(): void;
}

/** The system forgets a port at once, and would give it to the next that asks before the first listens: that one's requests went there. */
const reserved = new Set<number>();

/**
 * A process that the engine did not start may take it before the service does; the service then fails to start and is started again
 * on another.
 * @param preferred taken if it is free.
 */
export async function reservePort(host: string, preferred = 0): Promise<ReservedPort> {
  const port = await freePort(host, preferred);
  if (reserved.has(port)) return reservePort(host);
  return holdPort(port);
}

/** The same for a port that is in use already, by what starts again on it. */
export function holdPort(port: number): ReservedPort {
  reserved.add(port);
  return { port, release: () => reserved.delete(port) };
}

async function freePort(host: string, preferred: number): Promise<number> {
  const server = createServer();
  server.listen(preferred, host);
  try {
    await once(server, "listening");
  } catch (error) {
    if (preferred === 0) throw error;
    return freePort(host, 0);
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("A TCP server has an address.");
  return address.port;
}
