/** The embedded HTTP edge, and the HTTP side of the east–west router. */

import type { RouteTable } from "@perch/core";
import type { Logger } from "pino";
import type { CanaryUse } from "../canary-use.ts";
import type { ClientLimit } from "../client-limit.ts";
import type { ListenAddress } from "../listen.ts";
import type { Observe } from "../observe.ts";
import type { ServerCertificate } from "../tls/certificate.ts";
import { routeAtEdge, routeToService } from "./routing.ts";
import { type HttpRouter, startServer } from "./server.ts";

export type { HttpRouter } from "./server.ts";

export interface HttpListenerOptions {
  /** Port 0: any free port, the same one on every address. */
  readonly listen: readonly ListenAddress[];
  /** Called once for each attempt to deliver a request: one snapshot decides the whole of it. */
  readonly table: () => RouteTable;
  readonly logger: Logger;
  /** Shared by all that take connections of clients; absent: there is none. */
  readonly limit?: ClientLimit;
  /** Told how each request went; absent: nobody is. */
  readonly observe?: Observe;
  /** Holds requests for canaries that sleep; absent: none does. */
  readonly use?: CanaryUse;
}

export interface EdgeOptions extends HttpListenerOptions {
  /** For TLS and HTTP/2; absent: HTTP/1 without TLS. */
  readonly certificate?: ServerCertificate;
  /** Whether a peer, by its IP address, is a proxy whose `X-Forwarded-*` are believed; absent: none is. */
  readonly trusts?: (peer: string) => boolean;
}

function nobody(): boolean {
  return false;
}

/**
 * The edge: routes by host (share links), path prefix and selector.
 * @throws PerchError PORT_IN_USE, USAGE
 */
export function startEdge(options: EdgeOptions): Promise<HttpRouter> {
  const { table, trusts = nobody } = options;
  return startServer({
    ...options,
    portHint: "Stop that program, or choose another port with --edge-port or PERCH_EDGE_PORT.",
    trusts,
    route: (request) => routeAtEdge(table(), request),
  });
}

/**
 * The apex address of one HTTP service: routes by selector only, and leaves `X-Forwarded-*` as its callers wrote them.
 * @throws PerchError PORT_IN_USE, USAGE
 */
export function startHttpRouter(
  options: HttpListenerOptions & { readonly service: string },
): Promise<HttpRouter> {
  const { table, service } = options;
  return startServer({
    ...options,
    portHint: "Stop that program, or let perch choose a free port (0).",
    route: (request) => routeToService(table(), service, request),
  });
}
