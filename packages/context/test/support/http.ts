import { once } from "node:events";
import { type Agent, createServer, type IncomingHttpHeaders, type RequestListener, request } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { parseTrail, TRAIL_HEADER, type Trail } from "@perch/header";

/** A server on a free port of the loopback, closed with its connections at the end of the block. */
export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  readonly url: string;
}

export async function listen(handler: RequestListener | Server): Promise<RunningServer> {
  const server = typeof handler === "function" ? createServer(handler) : handler;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("close", () => sockets.delete(socket))));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly trail: Trail | undefined;
}

interface GetOptions {
  readonly method?: string;
  readonly body?: string;
  readonly agent?: Agent;
  /** Called when the response's headers are there, before its body. */
  readonly onHeaders?: () => void;
}

/** One request with header lines exactly as given; a list of values is sent as several lines. */
export function get(
  url: string,
  headers: Record<string, string | string[]> = {},
  { method = "GET", body = "", agent, onHeaders }: GetOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      onHeaders?.();
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          reason: response.statusMessage ?? "",
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body: Buffer.concat(chunks).toString(),
          trail: parseTrail(response.headersDistinct[TRAIL_HEADER]),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
