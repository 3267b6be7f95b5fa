import type { ServiceConfig } from "../../../config/types.ts";
import type { CanaryIdentity } from "../../canary-identity.ts";
import type { Described, KubernetesObject } from "../../object.ts";
import { edgeServices, type Project, repositoriesOf } from "../../project.ts";
import { edgeListen, edgeMiddlewares, stableTarget } from "./edge.ts";
import { unavailable } from "./family.ts";
import { ingressRoute, type RouteTarget, type Rule } from "./ingress-route.ts";
import { hostRule, linkHosts, pathRule } from "./rules.ts";

/** The parent of every share link. */
const LINK_PARENT = "edge-link";

/** What is there once for the edge host. */
export function linkParent(project: Project): Described {
  return {
    object: ingressRoute({
      name: LINK_PARENT,
      namespace: project.cluster.namespace,
      listen: edgeListen(project),
      rules: [
        {
          priority: 9,
          match: linkHosts(project.edge.host),
          middlewares: edgeMiddlewares(project),
        },
      ],
    }),
    why: "Parent of share links. It has no fallback: the link of a closed pull request answers 404.",
  };
}

/** A canary's share link: its own path to itself, every other path to stable, all with the selector set. None without paths. */
export function linkRoutes(
  project: Project,
  service: ServiceConfig,
  pr: CanaryIdentity,
  target: RouteTarget,
): Described[] {
  const name = `${service.name}-canary-pr-${pr.number}-link`;
  const { namespace } = project.cluster;
  const middlewares = [{ name, namespace }];
  const host = hostRule(`${linkLabel(project, service, pr)}.${project.edge.host}`);
  const edges = edgeServices(project);
  const rules = edges.map((edge, index): Rule => {
    const match = `${host} && ${pathRule(edge.edge)}`;
    return edge.name === service.name
      ? { priority: baseOf(index) + 3, match, middlewares, target }
      : { priority: baseOf(index) + 1, match, middlewares, target: stableTarget(project, edge) };
  });
  // Its guard comes last, so that a path has the same place in every link and the ApplicationSet patches all alike.
  const own = edges.findIndex(({ name: edge }) => edge === service.name);
  const prefix = edges[own]?.edge;
  if (prefix !== undefined) {
    const match = `${pathRule(prefix)} && ${host}`;
    rules.push({ priority: baseOf(own) + 2, match, target: unavailable() });
  }
  if (rules.length === 0) return [];
  return [
    {
      object: ingressRoute({ name, namespace, parents: [LINK_PARENT], rules }),
      why: "Share link. Canaries of one pull request complete each other: each takes its own path before the others' stable.",
    },
    { object: selectorMiddleware(name, namespace, linkSelector(project, service, pr)) },
  ];
}

/** Longer prefixes come later in the list, and first among the rules. */
function baseOf(index: number): number {
  return 10 * (index + 1);
}

function linkLabel(project: Project, service: ServiceConfig, pr: CanaryIdentity): string {
  return isOneRepository(project) ? `pr-${pr.number}` : `${service.name}-pr-${pr.number}`;
}

function linkSelector(project: Project, service: ServiceConfig, pr: CanaryIdentity): string {
  return isOneRepository(project) ? pr.number : `${service.name}=${pr.number}`;
}

function isOneRepository(project: Project): boolean {
  return repositoriesOf(project).length === 1;
}

function selectorMiddleware(name: string, namespace: string, selector: string): KubernetesObject {
  return {
    apiVersion: "traefik.io/v1alpha1",
    kind: "Middleware",
    metadata: { name, namespace },
    // Replaces every X-Canary line of the request.
    spec: { headers: { customRequestHeaders: { "X-Canary": selector } } },
  };
}
