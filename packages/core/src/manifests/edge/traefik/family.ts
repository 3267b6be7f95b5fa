import type { CanaryIdentity } from "../../canary-identity.ts";
import { UNAVAILABLE } from "../../names.ts";
import type { Described } from "../../object.ts";
import { type IngressRoute, ingressRoute, type RouteTarget } from "./ingress-route.ts";
import { anyListSelector, exactSelector, isExactly, listNames, listSkips } from "./rules.ts";

/**
 * The routes of one service at one place, the edge or the internal router: stable's own, two parents that canaries
 * are children of, and what catches a request that matched a parent and no canary.
 */
export interface RouteFamily {
  readonly service: string;
  /** Every name begins with it. */
  readonly prefix: string;
  readonly namespace: string;
  readonly ingressClassName?: string;
  readonly listen: NonNullable<IngressRoute["listen"]>;
  /** What all of its requests have in common: host, and path. */
  readonly match: string;
  /** Priorities are `base + 1` to `base + 3`. */
  readonly base: number;
  /** The operator's, on both parents. */
  readonly middlewares: readonly object[];
  readonly stable: RouteTarget;
  readonly unavailable: RouteTarget;
}

/** Above every canary. */
const SKIP_PRIORITY = 100_000_000_000;

/** What is there once for the service. */
export function familyRoutes(family: RouteFamily): Described[] {
  const { service, prefix, base, match, middlewares, stable } = family;
  const parent = (name: string, priority: number, selector: string) =>
    route(family, {
      name,
      listen: family.listen,
      rules: [{ priority, match: `${match} && ${selector}`, middlewares }],
    });
  const child = (name: string, parents: readonly string[], priority: number, rule: string) =>
    route(family, { name, parents, rules: [{ priority, match: rule, target: stable }] });
  return [
    {
      object: route(family, {
        name: `${prefix}-stable`,
        listen: family.listen,
        rules: [{ priority: base + 1, match, target: stable }],
      }),
      why: "Stable: a request without X-Canary fails the parents' first test and ends here; it never looks at canaries.",
    },
    {
      object: parent(`${prefix}-exact`, base + 3, exactSelector(service)),
      why: "Parent of canaries, for a number or a list of this service alone: its children compare strings.",
    },
    {
      object: parent(`${prefix}-list`, base + 2, anyListSelector()),
      why: "Parent of canaries, for every valid list: what selects a canary further in passes the middlewares here too.",
    },
    {
      object: child(`${prefix}-fallback`, [`${prefix}-exact`, `${prefix}-list`], 1, "PathPrefix(`/`)"),
      why: "It matched a parent and no canary: stable. It also keeps a parent alive while there is no canary.",
    },
    {
      object: child(`${prefix}-list-skip`, [`${prefix}-list`], SKIP_PRIORITY, listSkips(service)),
      why: "A list that does not name the service: stable at once, without a look at the canaries' expressions.",
    },
  ];
}

/** What a canary adds: a child of each parent, each with a guard. */
export function familyChildren(family: RouteFamily, pr: CanaryIdentity, target: RouteTarget): Described[] {
  const { service, prefix } = family;
  const child = (kind: "exact" | "list", match: string) =>
    route(family, {
      name: `${prefix}-canary-pr-${pr.number}-${kind}`,
      parents: [`${prefix}-${kind}`],
      rules: [
        { priority: pr.priority(11), match, target },
        { priority: pr.priority(10), match: `(${match}) && PathPrefix(\`/\`)`, target: family.unavailable },
      ],
    });
  return [
    {
      object: child("exact", isExactly(service, pr.number)),
      why: GUARD,
      notes: [
        [
          ["spec", "routes", 0, "priority"],
          "11 + 2 x PR: unique, so that of two lines the higher number always wins.",
        ],
      ],
    },
    { object: child("list", listNames(service, pr.number)) },
  ];
}

const GUARD = `The second rule is a guard: when the canary's Service is gone Traefik drops the first, and without it the
request would reach stable. It is written differently since two equal matches overwrite each other.`;

/** The Service without endpoints: 503. */
export function unavailable(scheme?: "h2c"): RouteTarget {
  return { name: UNAVAILABLE, port: 80, ...(scheme !== undefined && { scheme }) };
}

function route(
  { namespace, ingressClassName }: RouteFamily,
  own: Pick<IngressRoute, "name" | "listen" | "parents" | "rules">,
) {
  return ingressRoute({ ...own, namespace, ...(ingressClassName !== undefined && { ingressClassName }) });
}
