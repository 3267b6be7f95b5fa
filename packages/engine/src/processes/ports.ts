import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A port that was free a moment ago. Another process may take it before the service does; the service then fails to
 * start and is started again on another.
 * @param preferred taken if it is free.
 */
export async function freePort(host: string, preferred = 0): Promise<number> {
  const server = createServer();
  server.listen(preferred, host);
  try {
    await once(server, "listening");
  } catch (error) {
    if (preferred === 0) throw error;
    return freePort(host);
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("A TCP server has an address.");
  return address.port;
}
