import { type Config, parseConfig } from "@perch/core";
import { EDGE_HOST, type World, type WorldService } from "../../src/index.ts";

/** The variable in which a service finds the address of one that it calls. */
export function addressVariable(service: string): string {
  return `${service.toUpperCase()}_ADDR`;
}

/** A world as a `perch.yaml`. */
export function configOf(world: World): Config {
  const services = Object.fromEntries(world.services.map((service) => [service.name, describe(service)]));
  const document = { apiVersion: "perch.dev/v1", project: "truth", edge: { host: EDGE_HOST }, services };
  // JSON is YAML.
  const result = parseConfig(JSON.stringify(document));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

function describe({ name, repo, protocol, edge, calls }: WorldService) {
  return {
    repo,
    path: name,
    protocol,
    ...(edge === undefined ? {} : { edge }),
    ...(protocol === "grpc" ? { grpcServices: [`truth.v1.${name}`] } : {}),
    calls: Object.fromEntries(calls.map((service) => [addressVariable(service), service])),
    local: { start: "true" },
  };
}
