import type { Duplex } from "node:stream";

/** Tells the client that the backend changed protocols. `headers` without Connection and Upgrade, names and values in turn. */
export function writeSwitchingProtocols(client: Duplex, protocol: string, headers: readonly string[]): void {
  let head = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  client.write(`${head}\r\n`, "latin1");
}

/** Joins two connections until either closes. An orderly end passes on as one; anything else ends both at once. */
export function join(client: Duplex, backend: Duplex, onClose: () => void): void {
  let open = 2;
  for (const [one, other] of [
    [client, backend],
    [backend, client],
  ] as const) {
    one.pipe(other);
    one.on("error", () => other.destroy());
    one.once("close", () => {
      // What `one` sent last may still be on its way to `other`; `pipe` ended it after the last byte.
      if (one.readableEnded) other.end();
      else other.destroy();
      open--;
      if (open === 0) onClose();
    });
  }
}
