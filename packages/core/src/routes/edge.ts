import { parseSelector, type Selector, type SelectorResult } from "@perch/header";
import { parseShareLink } from "../naming.ts";
import { resolve } from "./resolve.ts";
import type { Decision, RouteTable, ServiceRoutes } from "./types.ts";

/** What the edge needs of a request to route it. */
export interface EdgeRequest {
  /** The Host header or `:authority`, with or without port; `undefined` where a client sent none. */
  readonly host: string | undefined;
  /** Path of the request target, without query. */
  readonly path: string;
  /** Every `X-Canary` line, in order. */
  readonly selectorLines: readonly string[];
}

export type EdgeDecision =
  /** No service has a prefix of this path: 404. */
  | { readonly kind: "no-route" }
  /** A share link whose pull request has no canary: 404, so that a dead link does not look alive. */
  | { readonly kind: "closed-link"; readonly selector: Selector }
  | {
      readonly kind: "service";
      readonly service: ServiceRoutes;
      readonly selection: SelectorResult;
      /** Present when a share link's selector must replace the request's header. */
      readonly link?: Selector;
      readonly decision: Decision;
    };

/** Routes one request at the edge. A share link's host replaces any header. */
export function resolveEdge(table: RouteTable, request: EdgeRequest): EdgeDecision {
  const link = request.host === undefined ? undefined : parseShareLink(request.host, table.edgeHosts);
  if (link !== undefined && !hasCanary(table, link)) return { kind: "closed-link", selector: link };
  const service = serviceForPath(table, request.path);
  if (service === undefined) return { kind: "no-route" };
  const selection: SelectorResult =
    link === undefined ? parseSelector(request.selectorLines) : { kind: "valid", selector: link };
  const decision = resolve(service, selection);
  return link === undefined
    ? { kind: "service", service, selection, decision }
    : { kind: "service", service, selection, link, decision };
}

/** The service behind a path: the longest prefix that ends at a segment's border, so `/api` does not take `/apix`. */
export function serviceForPath(table: RouteTable, path: string): ServiceRoutes | undefined {
  for (const { prefix, service } of table.edgePrefixes) {
    if (isUnder(path, prefix)) return table.services.get(service);
  }
  return undefined;
}

function isUnder(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return prefix.endsWith("/") || path.length === prefix.length || path[prefix.length] === "/";
}

function hasCanary(table: RouteTable, selector: Selector): boolean {
  if (selector.kind === "list") {
    return [...selector.entries].some(([service, pr]) => table.services.get(service)?.canaries.has(pr));
  }
  return [...table.services.values()].some((service) => service.canaries.has(selector.pr));
}
