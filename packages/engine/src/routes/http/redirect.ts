import { createServer, type Server } from "node:http";
import type { ClientLimit } from "../client-limit.ts";
import { type ListenAddress, listenOnAll } from "../listen.ts";
import { PROBED } from "../probed.ts";
import { Connections } from "./connections.ts";

/** What sends people who did not say https to where they meant to go. */
export interface Redirect {
  close(): void;
}

const TIMEOUT = 10_000;

/**
 * Answers every request, without TLS, with the same path at the edge: 308, so that the method stays (RFC 9110, 15.4.9). To
 * the host that was asked for, where that is one of the edge's, so that share links stay share links.
 * @param isEdgeHost of a `Host` without its port. @throws PerchError PORT_IN_USE, USAGE
 */
export async function startRedirect(
  listen: readonly ListenAddress[],
  edgeUrl: string,
  limit: ClientLimit,
  isEdgeHost: (host: string) => boolean,
): Promise<Redirect> {
  const connections = new Connections(limit);
  const { servers } = await listenOnAll<Server>({
    addresses: listen,
    createServer: () => {
      const server = redirectServer(edgeUrl, isEdgeHost);
      connections.watch(server, false);
      return server;
    },
    portHint: "Choose another with --redirect-port or PERCH_REDIRECT_PORT.",
  });
  return {
    close: () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function redirectServer(edgeUrl: string, isEdgeHost: (host: string) => boolean): Server {
  const limits = { ...PROBED, headersTimeout: TIMEOUT, requestTimeout: TIMEOUT, keepAliveTimeout: 1_000 };
  const server = createServer(limits, (request, response) => {
    const target = new URL(edgeUrl);
    const host = (request.headers.host ?? "").toLowerCase().replace(/:\d*$/, "");
    if (isEdgeHost(host)) target.hostname = host;
    const path = request.url?.startsWith("/") ? request.url : "/";
    response.writeHead(308, { location: target.origin + path, "content-length": 0 }).end();
  });
  server.on("error", () => undefined);
  return server;
}
