import type { KubernetesObject } from "@perch/core";
import { isCalled } from "../../../src/manifests/project.ts";
import { type Data, each, type Fact, find, get, is, isOfCanary, list, ofKind } from "./fact.ts";

const ROUTES = ["GRPCRoute", "HTTPRoute"];

const matchesOf = (route: KubernetesObject): readonly Data[] =>
  list(route, "spec", "rules").flatMap((rule) => list(rule, "matches"));
const backendsOf = (route: KubernetesObject): readonly Data[] =>
  list(route, "spec", "rules").flatMap((rule) => list(rule, "backendRefs"));
const hasHeader = (match: Data): boolean => list(match, "headers").length > 0;
const isOfStable = (route: KubernetesObject): boolean => !matchesOf(route).some(hasHeader);

/** Values of `x-canary` that select PR 7 of a service, and some that do not. */
const RIGHT = ["7", "S=7", "some-other-service=1,S=7", "S=7,z=1", "some-other-service=1,S=7,z=1"];
const WRONG = [
  "77",
  "17",
  "7,8",
  "S=77",
  "S=17",
  "xS=7",
  "x-S=7",
  "z=1,xS=7",
  "S=7x",
  "some-other-service=7",
  "7x",
];

/** Routes between services with a mesh. */
export const LINKERD_FACTS: readonly Fact[] = [
  {
    claim:
      "every header match of a GRPCRoute names a gRPC service: a header alone makes the proxy refuse every call",
    violations: each(["GRPCRoute"], (route) =>
      matchesOf(route).every((match) => !hasHeader(match) || get(match, "method", "service") !== undefined),
    ),
    mistakes: [[/"method":\{"type":"Exact","service":"[^"]+"\},"headers"/, '"headers"']],
  },
  {
    claim:
      "every header match of an HTTPRoute has a path as an expression, longer than the default route's prefix",
    violations: each(["HTTPRoute"], (route) =>
      matchesOf(route).every(
        (match) => !hasHeader(match) || is(match, "path", { type: "RegularExpression", value: "/.*" }),
      ),
    ),
    mistakes: [
      [/"path":\{"type":"RegularExpression","value":"\/\.\*"\},/, ""],
      [/"type":"RegularExpression","value":"\/\.\*"/, '"type":"PathPrefix","value":"/"'],
    ],
  },
  {
    claim: "a permanent default route takes what no canary matches, and shadows no canary by naming a method",
    violations: (objects, project) =>
      [...project.services.values()].flatMap((service) => {
        if (project.mesh !== "linkerd" || !isCalled(project, service)) return [];
        const own = ofKind(objects, ...ROUTES).filter(
          (route) => isOfStable(route) && is(route, "spec.parentRefs.0.name", service.name),
        );
        const isDefault = (route: KubernetesObject) =>
          matchesOf(route).every(
            (match) => is(match, "path", { type: "PathPrefix", value: "/" }) && match.method === undefined,
          ) && backendsOf(route).every(({ name }) => name === service.name);
        return own.length === 1 && own.every(isDefault) ? [] : [`${service.name}: ${own.length}`];
      }),
    mistakes: [
      [
        /("name":"store-default","namespace":"apps"\},"spec":\{"parentRefs":\[\{"group":"","kind":"Service","name":)"store"/,
        '$1"other"',
      ],
      [
        /("name":"store-default"[^[]+\[[^\]]+\],"rules":\[\{)"backendRefs"/,
        '$1"matches":[{"method":{"service":"store.v1.StoreService"}}],"backendRefs"',
      ],
    ],
  },
  {
    claim: "a route lives in the namespace of its apex Service: elsewhere it moves only clients there",
    violations: each(ROUTES, (route, _, { cluster }) => route.metadata?.namespace === cluster.namespace),
    mistakes: [
      [
        /("kind":"GRPCRoute","metadata":\{"name":"store-canary-pr-7","namespace":)"apps"/,
        '$1"store-canary-pr-7"',
      ],
    ],
  },
  {
    claim: "a parentRef says core group, Service and the Service's port",
    violations: each(ROUTES, (route, _, { services }) =>
      list(route, "spec", "parentRefs").every(
        ({ group, kind, name, port }) =>
          group === "" && kind === "Service" && port === services.get(String(name))?.port,
      ),
    ),
    mistakes: [
      [/"parentRefs":\[\{"group":"",/, '"parentRefs":[{'],
      [/"parentRefs":\[\{"group":"","kind":"Service",/, '"parentRefs":[{"group":"",'],
      [/("parentRefs":\[\{[^}]+),"port":[0-9]+/, "$1"],
    ],
  },
  {
    claim: "a backendRef names a Service that is there, with its namespace and port",
    violations: each(ROUTES, (route, objects) =>
      backendsOf(route).every(({ name, namespace, port }) => {
        const service = find(objects, "Service", String(namespace), name);
        return list(service, "spec", "ports").some((one) => one.port === port);
      }),
    ),
    mistakes: [
      [/("backendRefs":\[\{[^}]+),"namespace":"[^"]+"/, "$1"],
      [
        /("kind":"Service","name":"store-route","namespace":"store-canary-pr-7","port":)50051,"weight"/,
        '$11,"weight"',
      ],
    ],
  },
  {
    claim: "one kind of route for a Service: a GRPCRoute switches off the HTTPRoutes of its port",
    violations: each(ROUTES, (route, _, { services }) =>
      list(route, "spec", "parentRefs").every(
        ({ name }) =>
          (services.get(String(name))?.protocol === "grpc" ? "GRPCRoute" : "HTTPRoute") === route.kind,
      ),
    ),
    mistakes: [[/"kind":"GRPCRoute",("metadata":\{"name":"store-canary-pr-7")/, '"kind":"HTTPRoute",$1']],
  },
  {
    claim: "a rule has at most 8 matches and a route 16 rules; a canary has a route of its own",
    violations: each(
      ROUTES,
      (route) =>
        list(route, "spec", "rules").length <= 16 &&
        list(route, "spec", "rules").every((rule) => list(rule, "matches").length <= 8) &&
        new Set(backendsOf(route).map(({ namespace }) => namespace)).size === 1,
    ),
    mistakes: [
      [/\],"backendRefs":\[[^\]]*\]\},\{"matches":\[/, ","],
      [
        /("rules":\[)(\{"backendRefs":\[\{[^\]]*\]\})(\])/,
        `$1${Array.from({ length: 17 }, () => "$2").join(",")}$3`,
      ],
    ],
  },
  {
    claim:
      "a canary's expression, which the proxy anchors, takes its number and every list that names it, and no other",
    violations: (objects, project) =>
      ofKind(objects, ...ROUTES).flatMap((route) => {
        const service = String(get(route, "spec", "parentRefs", 0, "name"));
        const headers = matchesOf(route).flatMap((match) => list(match, "headers"));
        if (!route.metadata?.name.endsWith("-canary-pr-7") || !project.services.has(service)) return [];
        return headers.flatMap(({ name, type, value }) => {
          const expression = new RegExp(`^(?:${value})$`);
          const takes = (selector: string) => expression.test(selector.replace("S=", `${service}=`));
          const isRight =
            RIGHT.every(takes) && !WRONG.some(takes) && name === "x-canary" && type === "RegularExpression";
          return isRight ? [] : [`${route.metadata?.name}: ${value}`];
        });
      }),
    mistakes: [
      [/\(7\|\(\.\*,\)\?/, "(7|.*"],
      [/\(7\|/, "(7.*|"],
      [/=7\(,\.\*\)\?\)/, "=7.*)"],
    ],
  },
  {
    claim: "the namespace of a canary grants routes of stable's namespace its Service, for meshes that ask",
    violations: each(ROUTES, (route, objects) =>
      backendsOf(route).every(
        ({ name, namespace }) =>
          !isOfCanary(namespace) ||
          ofKind(objects, "ReferenceGrant").some(
            (grant) =>
              grant.metadata?.namespace === namespace &&
              is(grant, "spec.from", [
                {
                  group: "gateway.networking.k8s.io",
                  kind: route.kind,
                  namespace: route.metadata?.namespace,
                },
              ]) &&
              is(grant, "spec.to", [{ group: "", kind: "Service", name }]),
          ),
      ),
    ),
    mistakes: [
      [/"kind":"ReferenceGrant"/, '"kind":"Nothing"'],
      [/("spec":\{"from":\[\{[^}]+"namespace":)"apps"/, '$1"other"'],
    ],
  },
  {
    claim: "routes are there for the services that others call, and only with a mesh",
    violations: (objects, project) =>
      [...project.services.values()].flatMap((service) => {
        const own = ofKind(objects, ...ROUTES).filter((route) =>
          is(route, "spec.parentRefs.0.name", service.name),
        );
        const isWanted = project.mesh === "linkerd" && isCalled(project, service);
        return own.length > 0 === isWanted ? [] : [`${service.name}: ${own.length}`];
      }),
    mistakes: [[/("parentRefs":\[\{"group":"","kind":"Service","name":)"store"/g, '$1"api"']],
  },
];
