import type { Config } from "../config/types.ts";
import { type Instance, isAsleep, isReturning, newestReady, runningByVariant } from "../instances.ts";
import { variantName } from "../naming.ts";
import type { DesiredVariant, Plan } from "../plan/plan.ts";
import type { Availability, EdgePrefix, RouteTable, ServiceRoutes } from "./types.ts";

/** Where requests go, given what should run and what does. A canary has a route from the moment that it is wanted. */
export function routeTable(
  config: Config,
  plan: Plan,
  instances: readonly Instance[],
  edgeHosts: readonly string[],
): RouteTable {
  const running = runningByVariant(instances);
  const wanted = Map.groupBy(plan.variants, ({ variant }) => variant.service);
  const services = new Map<string, ServiceRoutes>();
  for (const { name, protocol, local } of config.services.values()) {
    const canaries = new Map<number, Availability>();
    for (const desired of wanted.get(name) ?? []) {
      if (desired.variant.pr !== undefined)
        canaries.set(desired.variant.pr, availabilityOf(desired, running));
    }
    const stable = wanted.get(name)?.find(({ variant }) => variant.pr === undefined);
    services.set(name, {
      service: name,
      protocol,
      ...(local?.ready.kind === "http" ? { readyPath: local.ready.path } : {}),
      stable: stable === undefined ? NOT_SEEN : availabilityOf(stable, running),
      canaries,
    });
  }
  return { edgeHosts, edgePrefixes: edgePrefixes(config), services };
}

const NOT_SEEN: Availability = {
  kind: "unready",
  state: "unknown",
  detail: "Its repository has not been read yet; `perch status` says why.",
  isComing: true,
};

/** Longest first, so that the first match is the most specific. */
function edgePrefixes(config: Config): EdgePrefix[] {
  const prefixes: EdgePrefix[] = [];
  for (const { name, edge } of config.services.values()) {
    if (edge !== undefined) prefixes.push({ prefix: edge, service: name });
  }
  return prefixes.sort((a, b) => b.prefix.length - a.prefix.length);
}

function availabilityOf(
  desired: DesiredVariant,
  running: ReadonlyMap<string, readonly Instance[]>,
): Availability {
  const instances = running.get(variantName(desired.variant)) ?? [];
  const wanted = instances.find((instance) => instance.commit === desired.commit);
  const serving = wanted?.state === "ready" ? wanted : newestReady(instances);
  if (serving?.address !== undefined) {
    const { variant, address, revision } = serving;
    return { kind: "ready", backend: { ...variant, address, revision } };
  }
  const asleep = wanted !== undefined && isAsleep(wanted) ? wanted : instances.find(isAsleep);
  if (asleep !== undefined) {
    return {
      kind: "unready",
      state: asleep.state,
      detail: "Nobody had asked for it for a while; a request wakes it.",
      holds: true,
    };
  }
  const returning = [wanted, ...instances].find(
    (instance) => instance !== undefined && isReturning(instance),
  );
  if (returning !== undefined) {
    const detail = returning.failure?.message ?? "It is started again.";
    return { kind: "unready", state: returning.state, detail, holds: true };
  }
  const state = wanted?.state ?? "queued";
  if (wanted?.failure !== undefined) return { kind: "unready", state, detail: wanted.failure.message };
  const isFirstStart = (wanted?.restarts ?? 0) === 0;
  return { kind: "unready", state, detail: "It is on its way.", ...(isFirstStart && { isComing: true }) };
}
