import type { ClusterConfig, Config, ServiceConfig } from "../config/types.ts";
import { PerchError } from "../errors.ts";
import { stableService } from "./names.ts";

/** A config with all that manifests need. */
export interface Project extends Config {
  readonly registry: string;
  readonly cluster: ClusterConfig & { readonly environmentRepo: string };
}

/** @throws PerchError CONFIG_INVALID that names every key which a cluster needs and the file lacks */
export function projectOf(config: Config): Project {
  const { registry, cluster } = config;
  const { environmentRepo } = cluster;
  if (registry !== undefined && environmentRepo !== undefined) {
    return { ...config, registry, cluster: { ...cluster, environmentRepo } };
  }
  const missing = [
    ...(registry === undefined ? ["registry (where images are pushed, such as ghcr.io/acme)"] : []),
    ...(environmentRepo === undefined
      ? ["cluster.environmentRepo (which of the repositories holds manifests/, such as acme/env)"]
      : []),
  ];
  throw new PerchError({
    code: "CONFIG_INVALID",
    message: `A cluster needs what perch.yaml does not say: ${missing.join("; ")}.`,
    hint: "Add it to perch.yaml; docs/config.md describes each key.",
    fault: "user",
  });
}

/** `https://github.com/acme/shop.git` */
export function gitUrl({ cluster }: Project, repo: string): string {
  return `${cluster.github}/${repo}.git`;
}

/** The repositories of the services, in the order of the config. */
export function repositoriesOf({ services }: Config): string[] {
  return [...new Set([...services.values()].map(({ repo }) => repo))];
}

/** Services behind the edge, shortest prefix first; what comes later wins. */
export function edgeServices({ services }: Config): (ServiceConfig & { readonly edge: string })[] {
  return [...services.values()]
    .filter((service): service is ServiceConfig & { edge: string } => service.edge !== undefined)
    .sort((a, b) => a.edge.length - b.edge.length || (a.edge < b.edge ? -1 : 1));
}

/** Whether another service calls this one, so that it needs routes between services. */
export function isCalled({ services }: Config, service: ServiceConfig): boolean {
  return calledServices(services).has(service.name);
}

/** Remembered: it is asked for with each object of each service. */
const called = new WeakMap<Config["services"], ReadonlySet<string>>();

function calledServices(services: Config["services"]): ReadonlySet<string> {
  const known =
    called.get(services) ?? new Set([...services.values()].flatMap(({ calls }) => [...calls.values()]));
  called.set(services, known);
  return known;
}

/** The Service of the stable pods themselves, past any router. */
export function stableBackend(config: Config, service: ServiceConfig): string {
  return config.mesh === "none" && isCalled(config, service) ? stableService(service.name) : service.name;
}

/** What callers are given, in every namespace and with every mesh. */
export function apexAddress({ cluster }: Config, service: ServiceConfig): string {
  return `${service.name}.${cluster.namespace}.svc.cluster.local:${service.port}`;
}
