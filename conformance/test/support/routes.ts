import type { Availability, RouteTable, ServiceRoutes, Variant } from "@perch/core";
import { EDGE_HOST, type World, type WorldService } from "../../src/index.ts";

/** The route table of a world; `availability` is asked for what can serve. */
export function routesOf(world: World, availability: (variant: Variant) => Availability): RouteTable {
  const edgePrefixes = world.services
    .flatMap(({ name, edge }) => (edge === undefined ? [] : [{ prefix: edge, service: name }]))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  const services = new Map(
    world.services.map((service) => [service.name, serviceRoutes(world, service, availability)]),
  );
  return { edgeHosts: [EDGE_HOST], edgePrefixes, services };
}

function serviceRoutes(
  world: World,
  { name, protocol }: WorldService,
  availability: (variant: Variant) => Availability,
): ServiceRoutes {
  const canaries = new Map<number, Availability>();
  for (const { service, pr, ready } of world.canaries) {
    if (service === name) canaries.set(pr, ready ? availability({ service, pr }) : UNREADY);
  }
  return { service: name, protocol, stable: availability({ service: name }), canaries };
}

const UNREADY: Availability = { kind: "unready", state: "failed", detail: "Its start failed." };
