import type { KubernetesObject } from "@perch/core";

export interface RouteSpec {
  readonly parentRefs: readonly {
    readonly group?: string;
    readonly kind?: string;
    readonly name: string;
    readonly port?: number;
  }[];
  readonly rules: readonly {
    readonly matches?: readonly RouteMatch[];
    readonly backendRefs: readonly {
      readonly name: string;
      readonly namespace?: string;
      readonly port?: number;
    }[];
  }[];
}

export interface RouteMatch {
  readonly method?: { readonly service?: string; readonly method?: string };
  readonly path?: { readonly type: string; readonly value: string };
  readonly headers?: readonly { readonly type: string; readonly name: string; readonly value: string }[];
}

/** A call as a meshed caller's proxy sees it. */
export interface ModelCall {
  /** `/store.v1.StoreService/Get`, or any path of HTTP. */
  readonly path: string;
  readonly selector: string | undefined;
}

interface Rank {
  readonly length: number;
  readonly headers: number;
  readonly backend: { readonly namespace: string; readonly name: string };
}

/**
 * How a Linkerd proxy routes a call to one Service: over all routes the longest match of service and method, or of the
 * path, then the most headers. A GRPCRoute switches off the HTTPRoutes; expressions are anchored; what matches nothing
 * is refused (`undefined`).
 * @param routes those of one parent Service
 * @throws Error for a GRPCRoute that matches by a header alone: the proxy refuses all of them
 */
export function linkerdModel(
  routes: readonly KubernetesObject[],
): (call: ModelCall) => Rank["backend"] | undefined {
  const isGrpc = routes.some(({ kind }) => kind === "GRPCRoute");
  const active = routes.filter(({ kind }) => (kind === "GRPCRoute") === isGrpc);
  const rules = active.flatMap(({ metadata, spec }) =>
    (spec as RouteSpec).rules.map((rule) => ({ rule, namespace: metadata?.namespace ?? "" })),
  );
  if (isGrpc && rules.some(({ rule }) => rule.matches?.some(isHeaderAlone)))
    throw new Error("policy refused");
  return (call) => {
    const ranks = rules.flatMap(({ rule, namespace }) => ranksOf(rule, namespace, call));
    const [best] = ranks.sort((a, b) => b.length - a.length || b.headers - a.headers);
    return best?.backend;
  };
}

function isHeaderAlone({ method, headers = [] }: RouteMatch): boolean {
  return headers.length > 0 && method?.service === undefined;
}

function ranksOf(rule: RouteSpec["rules"][number], namespace: string, call: ModelCall): Rank[] {
  const [backend] = rule.backendRefs;
  if (backend === undefined) return [];
  const target = { namespace: backend.namespace ?? namespace, name: backend.name };
  const matches = rule.matches ?? [{}];
  return matches.flatMap((match) => {
    const headers = match.headers ?? [];
    const length = matchedLength(match, call.path);
    if (length === undefined || !headers.every(({ value }) => isAll(value, call.selector))) return [];
    return [{ length, headers: headers.length, backend: target }];
  });
}

/** How many characters a match takes; `undefined`: it does not match. */
function matchedLength({ method, path }: RouteMatch, called: string): number | undefined {
  const [, service = ""] = called.split("/");
  if (method !== undefined) return method.service === service ? service.length : undefined;
  if (path === undefined) return 0;
  if (path.type === "RegularExpression") return isAll(path.value, called) ? called.length : undefined;
  return called.startsWith(path.value) ? path.value.length : undefined;
}

function isAll(expression: string, text: string | undefined): boolean {
  return text !== undefined && new RegExp(`^(?:${expression})$`).test(text);
}
