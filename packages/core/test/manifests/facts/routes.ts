import type { KubernetesObject } from "@perch/core";
import type { IngressRouteSpec } from "../edge/traefik/router-model.ts";
import { idOf, ofKind } from "./fact.ts";

/** One rule of an IngressRoute, with what it belongs to. */
export interface RuleOf {
  readonly id: string;
  readonly object: KubernetesObject;
  readonly spec: IngressRouteSpec;
  readonly match: string;
  readonly priority: number;
  readonly middlewares: readonly { readonly name: string; readonly namespace?: string }[];
  /** Absent: it is a parent. */
  readonly target: NonNullable<IngressRouteSpec["routes"][number]["services"]>[number] | undefined;
  /** Names of its parents; none: it is at the root. */
  readonly parents: readonly string[];
}

export function specOf({ spec }: KubernetesObject): IngressRouteSpec {
  return spec as IngressRouteSpec;
}

/** Every rule of every IngressRoute; not what the edge's own install has in its namespace. */
export function rulesOf(objects: readonly KubernetesObject[]): RuleOf[] {
  const routes = ofKind(objects, "IngressRoute").filter(({ metadata }) => metadata?.namespace !== "traefik");
  return routes.flatMap((object) => {
    const spec = specOf(object);
    const parents = (spec.parentRefs ?? []).map(({ name }) => name);
    return spec.routes.map(({ match, priority, middlewares = [], services }, index) => ({
      id: `${idOf(object)} ${index}`,
      object,
      spec,
      match,
      priority,
      middlewares,
      target: services?.[0],
      parents,
    }));
  });
}

/** Every rule must pass. */
export function eachRule(
  objects: readonly KubernetesObject[],
  isRight: (rule: RuleOf, rules: readonly RuleOf[]) => boolean,
): string[] {
  const rules = rulesOf(objects);
  return rules.filter((rule) => !isRight(rule, rules)).map(({ id }) => id);
}

/** Whether a rule is a parent of canaries: an exact or a list parent, at the edge or of the internal router. */
export function isParentOfCanaries({ object, parents, target }: RuleOf): boolean {
  return parents.length === 0 && target === undefined && object.metadata?.name !== "edge-link";
}

/** Whether a rule is read by the edge's Traefik, and not by the internal router. */
export function isOfEdge({ spec }: RuleOf): boolean {
  return spec.ingressClassName === undefined;
}
