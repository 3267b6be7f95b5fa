import type { ServiceConfig } from "../../../config/types.ts";
import { familyChildren, familyRoutes, type RouteFamily, unavailable } from "../../edge/traefik/family.ts";
import { apexHosts } from "../../edge/traefik/rules.ts";
import { ROUTER, routeService, SERVICE_LABEL, stableService } from "../../names.ts";
import type { Described } from "../../object.ts";
import type { Project } from "../../project.ts";
import { servicePort } from "../../service-port.ts";
import type { Mesh } from "../mesh.ts";
import { ENTRY_POINT, ROUTER_LABELS, routerOf } from "./constants.ts";
import { routerObjects } from "./router.ts";

/** No mesh: a second Traefik is the internal router, behind each apex Service. */
export const none: Mesh = {
  sharedObjects: routerObjects,
  serviceObjects: (project, service) => [
    stablePods(project, service),
    ...familyRoutes(familyOf(project, service)),
  ],
  canaryObjects: (project, service, pr) =>
    familyChildren(familyOf(project, service), pr, {
      ...scheme(service),
      name: routeService(service.name),
      namespace: pr.namespace,
      port: service.port,
      // How Traefik names a ServersTransport of another namespace.
      serversTransport: `${project.cluster.namespace}-${ROUTER}@kubernetescrd`,
    }),
  // Callers keep their address: the apex Service selects the router in place of the pods.
  apexPatches: (_project, service) => [
    { op: "replace", path: "/spec/selector", value: ROUTER_LABELS },
    { op: "replace", path: "/spec/ports", value: [{ ...servicePort(service), targetPort: ENTRY_POINT }] },
  ],
  namespaceAnnotations: {},
};

function familyOf({ cluster }: Project, service: ServiceConfig): RouteFamily {
  const { namespace } = cluster;
  return {
    service: service.name,
    prefix: `${service.name}-inside`,
    namespace,
    ingressClassName: routerOf(namespace),
    listen: { entryPoints: [ENTRY_POINT] },
    match: apexHosts(service.name, namespace),
    base: 10,
    middlewares: [],
    stable: {
      ...scheme(service),
      name: stableService(service.name),
      port: service.port,
      serversTransport: ROUTER,
    },
    unavailable: unavailable(scheme(service).scheme),
  };
}

function scheme({ protocol }: ServiceConfig): { scheme?: "h2c" } {
  return protocol === "grpc" ? { scheme: "h2c" } : {};
}

function stablePods({ cluster }: Project, service: ServiceConfig): Described {
  return {
    object: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: stableService(service.name), namespace: cluster.namespace },
      spec: { selector: { [SERVICE_LABEL]: service.name }, ports: [servicePort(service)] },
    },
    why: "The stable pods: the apex Service selects the internal router.",
  };
}
