import type { ServiceConfig } from "../../../config/types.ts";
import { PerchError } from "../../../errors.ts";
import type { CanaryIdentity } from "../../canary-identity.ts";
import { routeService } from "../../names.ts";
import type { Described, KubernetesObject } from "../../object.ts";
import type { Project } from "../../project.ts";

/** Limits of the Gateway API's own schema, v1. */
const MATCHES_PER_RULE = 8;
const RULES_PER_ROUTE = 16;

/** Catches what no canary's route matches: with any route attached, calls that match none are refused (NOT_FOUND). */
export function defaultRoute(project: Project, service: ServiceConfig): Described {
  const { namespace } = project.cluster;
  const backend = backendRef(service.name, namespace, service.port);
  const rule =
    service.protocol === "grpc"
      ? { backendRefs: [backend] }
      : { matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs: [backend] };
  return {
    object: route(project, service, `${service.name}-default`, [rule]),
    why: "Permanent, before the first canary and after the last: once a route is attached, what matches none is refused.",
  };
}

/** Calls with this canary's selector. One object a canary, since a route has at most 16 rules. */
export function canaryRoute(project: Project, service: ServiceConfig, pr: CanaryIdentity): Described {
  const backendRefs = [backendRef(routeService(service.name), pr.namespace, service.port)];
  const rules = chunks(matchesOf(service, pr), MATCHES_PER_RULE).map((matches) => ({ matches, backendRefs }));
  if (rules.length > RULES_PER_ROUTE) throw tooManyServices(service);
  return {
    object: route(project, service, `${service.name}-canary-pr-${pr.number}`, rules),
    why: `It lives beside the apex Service: in the canary's namespace it would affect only clients there.
Each header match names a gRPC service or a path too: with a header alone the proxy refuses the whole policy of the
Service, and every call to it fails, stable's included.`,
  };
}

function matchesOf(service: ServiceConfig, { number }: CanaryIdentity): object[] {
  // Anchored by the proxy.
  const value = `(${number}|(.*,)?${service.name}=${number}(,.*)?)`;
  const headers = [{ type: "RegularExpression", name: "x-canary", value }];
  if (service.protocol === "http") return [{ path: { type: "RegularExpression", value: "/.*" }, headers }];
  return service.grpcServices.map((name) => ({ method: { type: "Exact", service: name }, headers }));
}

function route(
  { cluster }: Project,
  service: ServiceConfig,
  name: string,
  rules: readonly object[],
): KubernetesObject {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    // One kind of route a port: a GRPCRoute switches off the HTTPRoutes of its port.
    kind: service.protocol === "grpc" ? "GRPCRoute" : "HTTPRoute",
    metadata: { name, namespace: cluster.namespace },
    spec: { parentRefs: [{ group: "", kind: "Service", name: service.name, port: service.port }], rules },
  };
}

function backendRef(name: string, namespace: string, port: number): object {
  return { group: "", kind: "Service", name, namespace, port, weight: 1 };
}

/** Linkerd ignores it; other meshes refuse a route to another namespace without it. */
export function referenceGrant(project: Project, service: ServiceConfig, pr: CanaryIdentity): Described {
  const kind = service.protocol === "grpc" ? "GRPCRoute" : "HTTPRoute";
  const from = { group: "gateway.networking.k8s.io", kind, namespace: project.cluster.namespace };
  return {
    object: {
      apiVersion: "gateway.networking.k8s.io/v1beta1",
      kind: "ReferenceGrant",
      metadata: { name: "routes", namespace: pr.namespace },
      spec: { from: [from], to: [{ group: "", kind: "Service", name: routeService(service.name) }] },
    },
    why: "For meshes that ask for it. Linkerd ignores it; it protects nothing, access rights and AppProjects do.",
  };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

function tooManyServices({ name, grpcServices }: ServiceConfig): PerchError {
  const most = MATCHES_PER_RULE * RULES_PER_ROUTE;
  return new PerchError({
    code: "CONFIG_INVALID",
    message: `services.${name} has ${grpcServices.length} gRPC services; one Gateway API route can match at most ${most}.`,
    hint: `Split ${name} in two services, or use mesh: none.`,
    fault: "user",
  });
}
