import type { SelectorResult } from "@perch/header";
import type { Availability, Backend, Decision, Rule, ServiceRoutes } from "./types.ts";

/** Which backend of one service a request goes to. An unready canary is an error: falling back would hide it. */
export function resolve(routes: ServiceRoutes, selection: SelectorResult): Decision {
  if (selection.kind === "absent") return decide(routes, "no-selector", routes.stable);
  if (selection.kind === "invalid") return decide(routes, "invalid-selector", routes.stable);
  const { selector } = selection;
  const pr = selector.kind === "pr" ? selector.pr : selector.entries.get(routes.service);
  if (pr === undefined) return decide(routes, "not-selected", routes.stable);
  const canary = routes.canaries.get(pr);
  if (canary === undefined) return decide(routes, "no-canary", routes.stable);
  return decide(routes, "canary", canary, pr);
}

function decide(routes: ServiceRoutes, rule: Rule, availability: Availability, pr?: number): Decision {
  if (availability.kind === "ready") return backendDecision(rule, availability.backend);
  const unavailable = { ...availability, kind: "unavailable", rule, service: routes.service } as const;
  return pr === undefined ? unavailable : { ...unavailable, pr };
}

function backendDecision(rule: Rule, backend: Backend): Decision {
  return { kind: "backend", rule, backend };
}
