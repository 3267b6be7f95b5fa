import { UNAVAILABLE } from "../../../src/manifests/names.ts";
import { edgeServices } from "../../../src/manifests/project.ts";
import { type Fact, find, get, isOfCanary, ofKind } from "./fact.ts";
import { eachRule, isOfEdge, type RuleOf, specOf } from "./routes.ts";

/** A canary's routes, guards and share links. */
export const CANARY_ROUTE_FACTS: readonly Fact[] = [
  {
    claim: "of two canaries the higher number wins: 11 + 2 × PR under a parent, its guard one below",
    violations: (objects) =>
      eachRule(objects, ({ object, target, priority, parents }) => {
        const pr = /-canary-pr-([0-9]+)-(?:exact|list)$/.exec(object.metadata?.name ?? "")?.[1];
        if (pr === undefined || parents.length === 0) return true;
        return priority === (target?.name === UNAVAILABLE ? 10 : 11) + 2 * Number(pr);
      }),
    mistakes: [[/"priority":25,/, '"priority":27,']],
  },
  {
    claim:
      "behind every canary's rule is a guard that answers 503, one priority lower: without it a deleted Service means stable",
    violations: (objects) =>
      eachRule(objects, ({ object, priority, target }, rules) => {
        const isGuard = (rule: RuleOf) =>
          rule.object === object && rule.priority === priority - 1 && rule.target?.name === UNAVAILABLE;
        return !isOfCanary(target?.namespace) || rules.some(isGuard);
      }),
    mistakes: [
      [/"name":"perch-unavailable","port":80\}/, '"name":"api","port":80}'],
      [
        /"priority":22,"services":\[\{"kind":"Service","name":"perch-unavailable"/,
        '"priority":21,"services":[{"kind":"Service","name":"perch-unavailable"',
      ],
    ],
  },
  {
    claim: "what guards point at has no selector, so that it never has endpoints",
    violations: (objects, { cluster }) => {
      const service = find(objects, "Service", cluster.namespace, UNAVAILABLE);
      return service !== undefined && get(service, "spec", "selector") === undefined ? [] : [UNAVAILABLE];
    },
    mistakes: [
      [/("name":"perch-unavailable","namespace":"apps"\},"spec":\{)/, '$1"selector":{"a":"b"},'],
      [/"kind":"Service","metadata":\{"name":"perch-unavailable"/, '"kind":"Service","metadata":{"name":"x"'],
    ],
  },
  {
    claim: "a canary's rules lead to its own <service>-route",
    violations: (objects) =>
      eachRule(objects, ({ target }) => {
        const [, service] = /^(.*)-canary-pr-[0-9]+$/.exec(target?.namespace ?? "") ?? [];
        return service === undefined || target?.name === `${service}-route`;
      }),
    mistakes: [
      [
        /"name":"api-route","namespace":"api-canary-pr-7","port"/,
        '"name":"api","namespace":"api-canary-pr-7","port"',
      ],
    ],
  },
  {
    claim:
      "a share link sets the selector by its own Middleware wherever it leads; nothing in Traefik derives it from the host",
    violations: (objects) =>
      eachRule(objects, ({ object, parents, target, middlewares: [first, ...more] }) => {
        if (parents[0] !== "edge-link" || target?.name === UNAVAILABLE) return true;
        const middleware = find(
          objects,
          "Middleware",
          first?.namespace ?? object.metadata?.namespace,
          first?.name,
        );
        const selector = get(middleware, "spec", "headers", "customRequestHeaders", "X-Canary");
        const [, service, pr] = /^(.*)-canary-pr-([0-9]+)-link$/.exec(object.metadata?.name ?? "") ?? [];
        return more.length === 0 && [pr, `${service}=${pr}`].includes(String(selector));
      }),
    mistakes: [
      [/"kind":"Middleware","metadata":\{"name":"/, '"kind":"Middleware","metadata":{"name":"x'],
      [/"X-Canary":"(?:store=)?45"/, '"X-Canary":"46"'],
    ],
  },
  {
    claim: "every canary has a share link, that of a backend too",
    violations: (objects, project) =>
      ofKind(objects, "Namespace")
        .filter(({ metadata }) => edgeServices(project).length > 0 && isOfCanary(metadata?.name))
        .filter(
          ({ metadata }) =>
            !ofKind(objects, "IngressRoute").some((one) => one.metadata?.name === `${metadata?.name}-link`),
        )
        .map(({ metadata }) => String(metadata?.name)),
    mistakes: [
      [
        /"kind":"IngressRoute","metadata":\{"name":"store-canary-pr-45-link"/,
        '"kind":"IngressRoute","metadata":{"name":"other"',
      ],
    ],
  },
  {
    claim: "a meshed edge dials Services: a dialled pod is always one of stable",
    violations: (objects, { mesh }) =>
      eachRule(objects, (rule) => {
        const { target } = rule;
        if (target === undefined || target.name === UNAVAILABLE || !isOfEdge(rule)) return true;
        return (target.nativeLB === true) === (mesh === "linkerd");
      }),
    mistakes: [[/,"nativeLB":true/, ""]],
  },
  {
    claim: "a canary of a backend has no route at the edge but its share link",
    violations: (objects, project) =>
      ofKind(objects, "IngressRoute")
        .filter((one) => specOf(one).ingressClassName === undefined)
        .map(({ metadata }) => metadata?.name ?? "")
        .filter((name) => {
          const service = project.services.get(
            name.replace(/-(?:canary-pr-.*|stable|exact|list|fallback|list-skip)$/, ""),
          );
          return service !== undefined && service.edge === undefined && !name.endsWith("-link");
        }),
    mistakes: [
      [
        /"kind":"IngressRoute","metadata":\{"name":"api-stable"/,
        '"kind":"IngressRoute","metadata":{"name":"store-stable"',
      ],
    ],
  },
];
