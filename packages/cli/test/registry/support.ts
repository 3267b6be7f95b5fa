import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ImageName } from "../../src/registry/image.ts";

/** A request as a registry, or whoever gives tokens, saw it. */
export interface Seen {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
}

export interface Scripted {
  readonly origin: string;
  readonly image: ImageName;
  readonly seen: readonly Seen[];
}

/** Runs the work against a server on this machine that answers as told. */
export async function withServer(
  answer: (seen: Seen, response: ServerResponse) => void,
  work: (server: Scripted) => Promise<void>,
): Promise<void> {
  const seen: Seen[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const { authorization, host } = request.headers;
    const url = new URL(request.url ?? "/", `http://${host}`);
    const one = { method: request.method ?? "", url, authorization };
    seen.push(one);
    answer(one, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await work({ origin: `http://${host}`, image: { host, path: "acme/api" }, seen });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** A response of JSON. */
export function sendJson(response: ServerResponse, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
