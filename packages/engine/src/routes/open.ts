import { parseShareLink } from "@perch/core";
import type { EngineOptions } from "../options.ts";
import { ClientLimit, mostClients, openFiles } from "./client-limit.ts";
import { authority, edgeUrl, readPublicUrl } from "./edge-url.ts";
import { startRedirect } from "./http/redirect.ts";
import { openRouters, type Routers, type RoutersOptions } from "./publish.ts";
import { openCertificate, type ServerCertificate } from "./tls/certificate.ts";
import { trustedProxies } from "./trusted-proxies.ts";

/** The routers, and how people reach the edge among them. */
export interface Routes {
  readonly routers: Routers;
  /** Base URL of the edge. */
  readonly edgeUrl: string;
  /** `host:port` of every listener of the edge. */
  readonly listening: readonly string[];
  /** Absent: the edge speaks without TLS. */
  readonly certificate: ServerCertificate | undefined;
}

type Shared = Pick<RoutersOptions, "table" | "observe" | "use" | "ports">;

/**
 * Opens the edge and the routers between services as they are configured.
 * @param edgeHosts names of the edge, lower case, the configured one first.
 * @throws PerchError PORT_IN_USE, CERTIFICATE_UNUSABLE, USAGE
 */
export async function openRoutes(
  options: EngineOptions,
  edgeHosts: readonly string[],
  shared: Shared,
  closing: AsyncDisposableStack,
): Promise<Routes> {
  const { tls, redirectPort, logger, hosts, config } = options;
  const trusts = trustedProxies(options.trustedProxies ?? []);
  const publicUrl =
    options.publicUrl === undefined ? {} : { publicUrl: readPublicUrl(options.publicUrl, edgeHosts) };
  const certificate = tls === undefined ? undefined : await openCertificate(tls, config.edge.host, logger);
  if (certificate !== undefined) closing.defer(() => certificate.close());
  const secured = certificate === undefined ? {} : { certificate };
  const limit = new ClientLimit(mostClients(openFiles()), logger);
  const routers = await openRouters({ ...options, ...shared, ...secured, limit, trusts });
  closing.defer(() => routers.close(0));
  const url = edgeUrl({
    listening: routers.edge,
    secure: certificate !== undefined,
    host: config.edge.host,
    ...publicUrl,
  });
  if (redirectPort !== undefined) {
    const listen = hosts.map((host) => ({ host, port: redirectPort }));
    const redirect = await startRedirect(listen, url, limit, (host) => isEdgeHost(host, edgeHosts));
    closing.defer(() => redirect.close());
  }
  return { routers, edgeUrl: url, listening: routers.edge.map(authority), certificate };
}

function isEdgeHost(host: string, edgeHosts: readonly string[]): boolean {
  return edgeHosts.includes(host) || parseShareLink(host, edgeHosts) !== undefined;
}
