import type { KubernetesObject } from "@perch/core";
import { type Matcher, type ModelRequest, ruleMatcher } from "./rule-model.ts";

/** Which Service Traefik dials, and what it passed on the way; `undefined`: 404. */
export interface ModelAnswer {
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name`, in the order of passing. */
  readonly middlewares: readonly string[];
}

export interface IngressRouteSpec {
  readonly ingressClassName?: string;
  readonly entryPoints?: readonly string[];
  readonly tls?: object;
  readonly parentRefs?: readonly Reference[];
  readonly routes: readonly {
    readonly match: string;
    readonly priority: number;
    readonly middlewares?: readonly Reference[];
    readonly services?: readonly (Reference & {
      readonly kind: string;
      readonly port?: number;
      readonly scheme?: string;
      readonly nativeLB?: boolean;
      readonly serversTransport?: string;
    })[];
  }[];
}

interface Reference {
  readonly name: string;
  readonly namespace?: string;
}

interface Route {
  readonly matches: Matcher;
  readonly priority: number;
  readonly middlewares: readonly string[];
  readonly target?: { readonly namespace: string; readonly name: string };
  readonly children: Route[];
}

/**
 * How Traefik 3.7 routes by IngressRoutes of one class: at each level the highest priority that matches; a rule whose
 * Service is missing is dropped, a parent without children is skipped, equal matches in one object overwrite each other.
 * @param exists whether a Service is there
 * @throws Error on a tie, where Traefik's choice would be random
 */
export function traefikModel(
  objects: readonly KubernetesObject[],
  exists: (namespace: string, name: string) => boolean,
  ingressClassName?: string,
): (request: ModelRequest) => ModelAnswer | undefined {
  const mine = objects.filter(
    ({ kind, spec }) =>
      kind === "IngressRoute" && (spec as IngressRouteSpec).ingressClassName === ingressClassName,
  );
  const roots = mine.filter(({ spec }) => (spec as IngressRouteSpec).parentRefs === undefined);
  const level = roots.flatMap((one) => routesOf(one, mine, exists));
  return (request) => answer(level, request, []);
}

function routesOf(
  { metadata, spec }: KubernetesObject,
  all: readonly KubernetesObject[],
  exists: (namespace: string, name: string) => boolean,
): Route[] {
  const here = metadata?.namespace ?? "";
  const children = all
    .filter((one) =>
      (one.spec as IngressRouteSpec).parentRefs?.some(
        ({ name, namespace = one.metadata?.namespace }) => name === metadata?.name && namespace === here,
      ),
    )
    .flatMap((one) => routesOf(one, all, exists));
  const byMatch = new Map((spec as IngressRouteSpec).routes.map((route) => [route.match, route]));
  return [...byMatch.values()].flatMap(({ match, priority, middlewares = [], services }): Route[] => {
    const [service] = services ?? [];
    const target = service && { namespace: service.namespace ?? here, name: service.name };
    if (target === undefined ? children.length === 0 : !exists(target.namespace, target.name)) return [];
    const names = middlewares.map(({ name, namespace = here }) => `${namespace}/${name}`);
    const route = { matches: ruleMatcher(match), priority, middlewares: names, children };
    return [target === undefined ? route : { ...route, target }];
  });
}

function answer(
  level: readonly Route[],
  request: ModelRequest,
  passed: readonly string[],
): ModelAnswer | undefined {
  const matching = level.filter(({ matches }) => matches(request));
  const highest = Math.max(...matching.map(({ priority }) => priority));
  const [route, ...equals] = matching.filter(({ priority }) => priority === highest);
  if (route === undefined) return undefined;
  const middlewares = [...passed, ...route.middlewares];
  if (equals.some(({ target }) => target === undefined || !isSame(target, route.target))) {
    throw new Error(`a tie at priority ${highest} for ${JSON.stringify(request)}`);
  }
  if (route.target === undefined) return answer(route.children, request, middlewares);
  return { ...route.target, middlewares };
}

function isSame(one: { namespace: string; name: string }, other: Route["target"]): boolean {
  return one.namespace === other?.namespace && one.name === other.name;
}
