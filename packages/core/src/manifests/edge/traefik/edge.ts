import type { ServiceConfig } from "../../../config/types.ts";
import { edgeServices, type Project, stableBackend } from "../../project.ts";
import { type RouteFamily, unavailable } from "./family.ts";
import type { IngressRoute, RouteTarget } from "./ingress-route.ts";
import { hostRule, pathRule } from "./rules.ts";

/** The routes of a service at the edge; `undefined`: it is reached only by other services. */
export function edgeFamily(project: Project, service: ServiceConfig): RouteFamily | undefined {
  const rank = edgeServices(project).findIndex(({ name }) => name === service.name) + 1;
  if (service.edge === undefined || rank === 0) return undefined;
  return {
    service: service.name,
    prefix: service.name,
    namespace: project.cluster.namespace,
    listen: edgeListen(project),
    match: `${hostRule(project.edge.host)} && ${pathRule(service.edge)}`,
    // The longest prefix has the highest rank.
    base: 10 * rank,
    middlewares: edgeMiddlewares(project),
    stable: stableTarget(project, service),
    unavailable: unavailable(),
  };
}

/** Entry points and TLS; they belong to parents. */
export function edgeListen({ edge }: Project): NonNullable<IngressRoute["listen"]> {
  const { entryPoints, tls, certificate } = edge;
  if (!tls) return { entryPoints };
  return { entryPoints, tls: certificate === undefined ? {} : { secretName: certificate } };
}

/** The operator's middlewares as references; `apps/sso` names another namespace. */
export function edgeMiddlewares({ edge, cluster }: Project): object[] {
  return edge.middlewares.map((reference) => {
    const [name = "", namespace = cluster.namespace] = reference.split("/").reverse();
    return { name, namespace };
  });
}

export function stableTarget(project: Project, service: ServiceConfig): RouteTarget {
  return { name: stableBackend(project, service), port: service.port, ...throughMesh(project) };
}

/** A meshed Traefik that dials pods goes past the mesh's routes: always to stable. */
export function throughMesh({ mesh }: Project): { nativeLB?: true } {
  return mesh === "linkerd" ? { nativeLB: true } : {};
}
