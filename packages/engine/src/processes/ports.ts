import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A port that was free a moment ago. Another process may take it before the service does; the service then fails to
 * start and is started again on another.
 */
export async function freePort(host: string): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("A TCP server has an address.");
  return address.port;
}
