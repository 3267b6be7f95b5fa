import type { SelectorResult } from "@perch/header";
import { resolve } from "./resolve.ts";
import type { Availability, Decision, RouteTable, Rule, ServiceRoutes } from "./types.ts";

/** Why one service would answer a request as it would. */
export interface Explanation {
  readonly service: string;
  readonly decision: Decision;
  /** The rule that decided, as a sentence. */
  readonly because: string;
  /** Every other backend of the service, and why it was not taken. */
  readonly others: readonly { readonly variant: string; readonly whyNot: string }[];
}

/** What each service would do with a selector, in the order of the config. */
export function explain(table: RouteTable, selection: SelectorResult): Explanation[] {
  return [...table.services.values()].map((routes) => {
    const decision = resolve(routes, selection);
    return {
      service: routes.service,
      decision,
      because: because(routes, decision),
      others: others(routes, decision),
    };
  });
}

const RULES: Record<Rule, string> = {
  "no-selector": "the request carries no selector",
  "invalid-selector": "the selector is not valid, which counts as none",
  "not-selected": "the list does not name this service",
  "no-canary": "this service has no canary of that pull request",
  canary: "the selector asks for this canary",
};

function because(routes: ServiceRoutes, decision: Decision): string {
  if (decision.kind === "backend") return RULES[decision.rule];
  const what = decision.pr === undefined ? `stable ${routes.service}` : `the canary of PR ${decision.pr}`;
  return `${RULES[decision.rule]}, but ${what} is ${decision.state}: ${decision.detail}`;
}

function others(routes: ServiceRoutes, decision: Decision): { variant: string; whyNot: string }[] {
  const taken = decision.kind === "backend" ? decision.backend.pr : decision.pr;
  const rest: { variant: string; whyNot: string }[] = [];
  if (taken !== undefined) {
    rest.push({ variant: "stable", whyNot: "a canary that exists is never replaced by stable" });
  }
  for (const [pr, availability] of routes.canaries) {
    if (pr !== taken) rest.push({ variant: `PR ${pr}`, whyNot: `not selected (${describe(availability)})` });
  }
  return rest;
}

function describe(availability: Availability): string {
  return availability.kind === "ready" ? "ready" : availability.state;
}
