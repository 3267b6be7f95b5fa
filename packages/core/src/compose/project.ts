import type { Config, ServiceConfig } from "../config/types.ts";
import { PerchError } from "../errors.ts";
import { type Project, stableBackend } from "../manifests/project.ts";
import { canaryName } from "../naming.ts";

/** Canaries to run in containers, in the order of the file. */
export type ComposeCanaries = readonly { readonly service: string; readonly pr: number }[];

/** Names of containers that are not a service's. */
export const EDGE = "perch-edge";
export const DATABASE = "perch-dynamodb";
/** Where containers reach an apex service, on any of them: the entry point of the internal routes. */
export const APEX_PORT = 8000;
export const EDGE_ENTRY_POINT = "web";

/**
 * The config as containers on one machine run it: without a mesh, so that the internal routes are Traefik's; and without
 * what only a cluster has, TLS and the operator's middlewares.
 */
export function composeProject(config: Config): Project {
  const { edge, cluster, registry = "localhost" } = config;
  return {
    ...config,
    registry,
    mesh: "none",
    edge: { ...edge, entryPoints: [EDGE_ENTRY_POINT], tls: false, certificate: undefined, middlewares: [] },
    cluster: { ...cluster, environmentRepo: cluster.environmentRepo ?? "" },
  };
}

/** The container of stable; where others call the service, its own name leads them to the router. */
export function stableContainer(project: Project, service: ServiceConfig): string {
  return stableBackend(project, service);
}

/** The services of the canaries, with their numbers. Throws PerchError USAGE for a service that is not in the config. */
export function canariesOf(
  { services }: Project,
  canaries: ComposeCanaries,
): { service: ServiceConfig; pr: number; container: string }[] {
  return canaries.map(({ service: name, pr }) => {
    const service = services.get(name);
    if (service === undefined) throw unknown(name, services);
    return { service, pr, container: canaryName(name, pr) };
  });
}

function unknown(name: string, services: ReadonlyMap<string, ServiceConfig>): PerchError {
  return new PerchError({
    code: "USAGE",
    message: `perch.yaml has no service ${name}.`,
    hint: `Its services are ${[...services.keys()].join(", ")}.`,
    fault: "user",
  });
}

/**
 * Containers are named after services, and two of them can make the same name.
 * @throws PerchError CONFIG_INVALID that says which
 */
export function refuseEqualNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new PerchError({
    code: "CONFIG_INVALID",
    message: `Two containers would be called ${twice}.`,
    hint: "Rename a service in perch.yaml: names of containers are made of the names of services.",
    fault: "user",
  });
}
