import {
  type Config,
  canaryIdentity,
  canaryObjects,
  type KubernetesObject,
  projectOf,
  renderManifests,
  type ServiceConfig,
} from "@perch/core";
import { parseAllDocuments } from "yaml";

interface IngressRoute {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly entryPoints?: readonly string[];
    readonly parentRefs?: readonly { readonly name: string }[];
    readonly routes: readonly Route[];
  };
}

interface Route {
  readonly match: string;
  readonly priority: number;
  readonly middlewares?: readonly { readonly name: string }[];
  readonly services?: readonly { readonly name: string }[];
}

/** Traefik's dynamic configuration, in part. */
export interface Dynamic {
  readonly http: {
    readonly routers: Record<string, object>;
    readonly middlewares?: Record<string, unknown>;
    readonly services: Record<string, object>;
  };
}

/** The routes that perch renders for a service and its canaries, as Traefik's file provider takes them. */
export function dynamicConfiguration(
  config: Config,
  service: ServiceConfig,
  canaries: readonly number[],
  backend: string,
): Dynamic {
  const project = projectOf(config);
  const objects = [
    ...stableRoutes(config, service),
    ...canaries.flatMap((pr) =>
      canaryObjects(project, service, canaryIdentity(service.name, pr)).map(({ object }) => object),
    ),
  ];
  const routes = objects
    .filter(({ kind }) => kind === "IngressRoute")
    .filter(isOfEdge) as unknown as IngressRoute[];
  const middlewares = objects.filter(({ kind }) => kind === "Middleware").map(middlewareOf);
  return {
    http: {
      routers: Object.fromEntries(routes.flatMap((route) => routersOf(route, routes))),
      // Traefik refuses a file with an empty table
      ...(middlewares.length > 0 && { middlewares: Object.fromEntries(middlewares) }),
      services: Object.fromEntries(routes.flatMap((route) => servicesOf(route, backend))),
    },
  };
}

function stableRoutes(config: Config, { name }: ServiceConfig): KubernetesObject[] {
  const wanted = new Set([`manifests/stable/${name}/routes.yaml`, "manifests/stable/common/common.yaml"]);
  return renderManifests(config, new Map())
    .filter(({ path }) => wanted.has(path))
    .flatMap(({ text }) => parseAllDocuments(text).map((one) => one.toJS() as KubernetesObject));
}

/** The internal router's have a class. */
function isOfEdge({ spec }: KubernetesObject): boolean {
  return (spec as { ingressClassName?: string }).ingressClassName === undefined;
}

function routersOf(route: IngressRoute, all: readonly IngressRoute[]): [string, object][] {
  const parents = (route.spec.parentRefs ?? []).flatMap(({ name }) => {
    const parent = all.find(({ metadata }) => metadata.name === name);
    return (parent?.spec.routes ?? []).map((_, index) => `${name}-${index}`);
  });
  return route.spec.routes.map(({ match, priority, middlewares, services }, index) => [
    `${route.metadata.name}-${index}`,
    {
      rule: match,
      priority,
      ...(services?.[0] !== undefined && { service: services[0].name }),
      ...(middlewares !== undefined && { middlewares: middlewares.map(({ name }) => name) }),
      ...(parents.length > 0 ? { parentRefs: parents } : { entryPoints: ["web"] }),
    },
  ]);
}

function middlewareOf({ metadata, spec }: KubernetesObject): [string, unknown] {
  return [metadata?.name ?? "", spec];
}

/** One backend serves them all; a guard has none, and answers 503. */
function servicesOf({ spec }: IngressRoute, backend: string): [string, object][] {
  return spec.routes
    .flatMap(({ services = [] }) => services)
    .map(({ name }) => {
      const servers = name === "perch-unavailable" ? [] : [{ url: backend }];
      return [name, { loadBalancer: { servers } }];
    });
}
