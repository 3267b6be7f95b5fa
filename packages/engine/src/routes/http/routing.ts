import {
  type Backend,
  type Decision,
  type EdgeRequest,
  type RouteTable,
  resolve,
  resolveEdge,
  type ServiceRoutes,
  type Variant,
} from "@perch/core";
import { formatSelector, parseSelector, type Selector, type SelectorResult } from "@perch/header";
import { closedLink, noRoute, notReady, type Refusal } from "./refusals.ts";

/** Where one request goes, or what it is told instead. */
export type Routing =
  | {
      readonly kind: "forward";
      readonly backend: Backend;
      /** The valid selector that was acted on. */
      readonly selector?: Selector;
      /** The selector of a share link, formatted: it replaces the request's own. */
      readonly link?: string;
      /** Path by which the service is probed. */
      readonly readyPath?: string;
    }
  | {
      readonly kind: "refuse";
      readonly refusal: Refusal;
      /** It sleeps, or is started again: the request waits for it, and is routed again. */
      readonly holds?: Variant;
      /** It never served yet: no failure of it. */
      readonly isComing?: true;
      readonly readyPath?: string;
    };

/** Routes by share link, path prefix and selector. */
export function routeAtEdge(table: RouteTable, request: EdgeRequest): Routing {
  const decided = resolveEdge(table, request);
  if (decided.kind === "no-route") return { kind: "refuse", refusal: noRoute() };
  if (decided.kind === "closed-link") return { kind: "refuse", refusal: closedLink(decided.selector) };
  const routing = fromDecision(decided.service, decided.decision, decided.selection);
  if (routing.kind === "refuse" || decided.link === undefined) return routing;
  return { ...routing, link: formatSelector(decided.link) };
}

/** Routes to one service by selector alone: what an apex address does. */
export function routeToService(table: RouteTable, service: string, request: EdgeRequest): Routing {
  const routes = table.services.get(service);
  if (routes === undefined) return { kind: "refuse", refusal: noRoute(service) };
  const selection = parseSelector(request.selectorLines);
  return fromDecision(routes, resolve(routes, selection), selection);
}

function fromDecision({ readyPath }: ServiceRoutes, decision: Decision, selection: SelectorResult): Routing {
  const selector = selection.kind === "valid" ? { selector: selection.selector } : {};
  const probe = readyPath === undefined ? {} : { readyPath };
  if (decision.kind === "backend")
    return { kind: "forward", backend: decision.backend, ...selector, ...probe };
  const refusal = { ...notReady(decision), ...selector };
  if (decision.isComing === true) return { kind: "refuse", refusal, isComing: true };
  if (decision.holds === undefined) return { kind: "refuse", refusal };
  const { service, pr } = decision;
  const holds = pr === undefined ? { service } : { service, pr };
  return { kind: "refuse", refusal, holds, ...probe };
}
