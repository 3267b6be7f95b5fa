import type { ServiceConfig } from "../config/types.ts";
import { canaryIdentity } from "../manifests/canary-identity.ts";
import { edgeCanaryObjects, edgeServiceObjects, edgeSharedObjects } from "../manifests/edge/traefik/index.ts";
import type { RouteTarget, Rule } from "../manifests/edge/traefik/ingress-route.ts";
import { none } from "../manifests/mesh/none/index.ts";
import { UNAVAILABLE } from "../manifests/names.ts";
import type { KubernetesObject } from "../manifests/object.ts";
import { isCalled, type Project } from "../manifests/project.ts";
import type { ComposeCanaries } from "./project.ts";
import { canariesOf, stableContainer } from "./project.ts";

/** Traefik's dynamic configuration as a file has it: https://doc.traefik.io/traefik/reference/routing-configuration/http/. */
export interface FileRoutes {
  readonly http: {
    readonly routers: Readonly<Record<string, FileRouter>>;
    readonly middlewares?: Readonly<Record<string, unknown>>;
    readonly services: Readonly<Record<string, FileService>>;
    readonly serversTransports: Readonly<Record<string, unknown>>;
  };
}

export interface FileRouter {
  readonly rule: string;
  readonly priority: number;
  readonly entryPoints?: readonly string[];
  readonly parentRefs?: readonly string[];
  readonly middlewares?: readonly string[];
  readonly service?: string;
}

export interface FileService {
  readonly loadBalancer: {
    readonly servers: readonly { readonly url: string }[];
    readonly serversTransport?: string;
    readonly healthCheck?: object;
  };
}

/** What the rules of an IngressRoute say, as `ingressRoute` writes them. */
interface Spec {
  readonly entryPoints?: readonly string[];
  readonly parentRefs?: readonly { readonly name: string }[];
  readonly routes: readonly (Omit<Rule, "middlewares"> & {
    readonly middlewares?: readonly { readonly name: string }[];
    readonly services?: readonly RouteTarget[];
  })[];
}

/**
 * The routes of a cluster, as a file for Traefik: each rule and each priority is the one of its IngressRoute.
 * @param addressOf `host:port` of a container
 */
export function fileRoutes(
  project: Project,
  canaries: ComposeCanaries,
  addressOf: (container: string, service: ServiceConfig) => string,
): FileRoutes {
  const objects = routeObjects(project, canaries);
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const specs = (kind: string) => ofKind(kind).map(({ metadata, spec }) => [metadata?.name ?? "", spec]);
  const middlewares = specs("Middleware");
  const transports = specs("ServersTransport");
  return {
    http: {
      routers: Object.fromEntries(withoutEmptyParents(ofKind("IngressRoute").flatMap(routers))),
      // Traefik refuses a file with an empty block.
      ...(middlewares.length > 0 && { middlewares: Object.fromEntries(middlewares) }),
      services: services(project, canaries, addressOf, String(transports[0]?.[0])),
      serversTransports: Object.fromEntries(transports),
    },
  };
}

/** The same objects that `perch render` writes for a cluster without a mesh. */
function routeObjects(project: Project, canaries: ComposeCanaries): KubernetesObject[] {
  const stable = [...project.services.values()].flatMap((service) => [
    ...edgeServiceObjects(project, service),
    ...(isCalled(project, service) ? none.serviceObjects(project, service) : []),
  ]);
  const open = canariesOf(project, canaries).flatMap(({ service, pr }) => {
    const identity = canaryIdentity(service.name, pr);
    const inside = isCalled(project, service) ? none.canaryObjects(project, service, identity) : [];
    return [...edgeCanaryObjects(project, service, identity), ...inside];
  });
  return [...none.sharedObjects(project), ...edgeSharedObjects(project), ...stable, ...open].map(
    ({ object }) => object,
  );
}

/** The first has the name of the object, so that children find their parent. */
function routers({ metadata, spec }: KubernetesObject): [string, FileRouter][] {
  const { routes, entryPoints, parentRefs } = spec as Spec;
  return routes.map(({ match, priority, middlewares = [], services: [target] = [] }, index) => [
    `${metadata?.name}${index === 0 ? "" : `-${index + 1}`}`,
    {
      rule: match,
      priority,
      ...(entryPoints !== undefined && { entryPoints }),
      ...(parentRefs !== undefined && { parentRefs: parentRefs.map(({ name }) => name) }),
      ...(middlewares.length > 0 && { middlewares: middlewares.map(({ name }) => name) }),
      ...(target !== undefined && { service: containerOf(target) }),
    },
  ]);
}

/** Without canaries there are no share links, and Traefik complains of a parent without children. */
function withoutEmptyParents(all: readonly [string, FileRouter][]): [string, FileRouter][] {
  const parents = new Set(all.flatMap(([, { parentRefs = [] }]) => parentRefs));
  return all.filter(([name, { service }]) => service !== undefined || parents.has(name));
}

/** A canary's Service is in the namespace that is called like its container. */
function containerOf({ name, namespace }: RouteTarget): string {
  return namespace ?? name;
}

function services(
  project: Project,
  canaries: ComposeCanaries,
  addressOf: (container: string, service: ServiceConfig) => string,
  serversTransport: string,
): Record<string, FileService> {
  const all = [
    ...[...project.services.values()].map((service) => ({
      service,
      container: stableContainer(project, service),
    })),
    ...canariesOf(project, canaries),
  ];
  const ofContainers = all.map(({ service, container }): [string, FileService] => {
    const scheme = service.protocol === "grpc" ? "h2c" : "http";
    const servers = [{ url: `${scheme}://${addressOf(container, service)}` }];
    return [container, { loadBalancer: { servers, serversTransport, ...healthCheck(service) } }];
  });
  return Object.fromEntries([...ofContainers, [UNAVAILABLE, { loadBalancer: { servers: [] } }]]);
}

/**
 * What is not ready has no server, so that it answers 503; without it a container that is gone answers 502. It has time to answer: on a
 * busy machine one late answer would else take stable from everybody.
 */
function healthCheck({ protocol, local }: ServiceConfig): { healthCheck?: object } {
  const often = { interval: "1s", timeout: "5s" };
  if (protocol === "grpc") return { healthCheck: { mode: "grpc", ...often } };
  if (local?.ready.kind !== "http") return {};
  return { healthCheck: { path: local.ready.path, ...often } };
}
