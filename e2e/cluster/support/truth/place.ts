import { type Config, canaryName, type Project, parseConfig, projectOf } from "@perch/core";
import { EDGE_HOST, type World } from "../../../../conformance/src/index.ts";
import { addressVariable } from "../../../../conformance/test/support/config.ts";

/** Where one world is in the cluster, so that several can be there at once. */
export interface Place {
  readonly project: Project;
  /** Namespace of stable, and prefix of its canaries'. */
  readonly namespace: string;
  /** Stands for the table's edge host. */
  readonly host: string;
}

/** The nth world's own namespace and host. */
export function placeOf(world: World, index: number): Place {
  const namespace = `truth-${index}`;
  const host = `${namespace}.example.com`;
  return { project: projectOf(configOf(world, namespace, host)), namespace, host };
}

/** Service names are the same in every world, and so are the names of canaries. */
export function canaryNamespace({ namespace }: Place, service: string, pr: number): string {
  return `${namespace}-${canaryName(service, pr)}`;
}

/** A host of the table, in this place. */
export function hostIn({ host }: Place, wanted: string = EDGE_HOST): string {
  const at = wanted.toLowerCase().indexOf(EDGE_HOST);
  if (at === -1) return wanted;
  const own = wanted === wanted.toUpperCase() ? host.toUpperCase() : host;
  return wanted.slice(0, at) + own + wanted.slice(at + EDGE_HOST.length);
}

function configOf(world: World, namespace: string, host: string): Config {
  const services = Object.fromEntries(
    world.services.map(({ name, repo, protocol, edge, calls }) => [
      name,
      {
        repo,
        path: name,
        protocol,
        ...(edge !== undefined && { edge }),
        ...(protocol === "grpc" && { grpcServices: [`truth.v1.${name}`] }),
        calls: Object.fromEntries(calls.map((service) => [addressVariable(service), service])),
      },
    ]),
  );
  const document = {
    apiVersion: "perch.dev/v1",
    project: namespace,
    mesh: "none",
    registry: "registry.local/acme",
    edge: { host },
    services,
    cluster: { namespace, environmentRepo: "acme/env" },
  };
  const result = parseConfig(JSON.stringify(document));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}
