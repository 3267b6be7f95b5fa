import {
  diff,
  type Plan,
  plan,
  type RouteTable,
  routeTable,
  runningByVariant,
  type Status,
  status,
  variantName,
} from "@perch/core";
import type { EngineOptions } from "./options.ts";
import { edgeHosts, type Parts } from "./parts.ts";
import type { StatusView } from "./status/server.ts";

/** Observe → plan → diff → apply → report, over the parts. */
export interface Reconciler extends StatusView {
  /** One round. Returns when the next one is due at the latest, epoch milliseconds. */
  reconcile(): number | undefined;
}

/** @param statusUrl the base URL of the status API, once it listens. */
export function createReconciler(
  options: EngineOptions,
  parts: Parts,
  statusUrl: () => string | undefined,
): Reconciler {
  const { config } = options;
  const { observer, supervisor, routers, database } = parts;
  const startedAt = Date.now();
  const hosts = edgeHosts(options);
  const listeners = new Set<() => void>();
  let wanted: Plan = plan(config, []);
  let table: RouteTable = routeTable(config, wanted, [], hosts);

  function reconcile(): number | undefined {
    wanted = plan(config, observer.observations());
    const actions = diff(wanted, supervisor.instances(), Date.now());
    for (const action of actions) supervisor.apply(action);
    // In the same turn as the actions: no request can come between an instance's farewell and its route's.
    table = routeTable(config, wanted, supervisor.instances(), hosts);
    routers.publish(table);
    // What still drains needs its modules too.
    supervisor.retainDependencies(
      [...wanted.variants, ...supervisor.instances()].map(({ variant }) => variant),
    );
    for (const listener of listeners) listener();
    return nextRetry();
  }

  function nextRetry(): number | undefined {
    const due = supervisor.instances().flatMap(({ retryAt }) => (retryAt === undefined ? [] : [retryAt]));
    return due.length === 0 ? undefined : Math.min(...due);
  }

  function currentStatus(): Status {
    const problem = database?.problem();
    const url = statusUrl();
    const { version, stateDir } = options;
    const webhookUrl = parts.webhook === undefined ? {} : { webhookUrl: parts.webhook.url };
    const engine = { version, pid: process.pid, startedAt, stateDir, ...webhookUrl };
    return status({
      config,
      plan: wanted,
      instances: supervisor.instances(),
      sources: observer.sources(),
      engine: url === undefined ? engine : { ...engine, statusUrl: url },
      edge: {
        url: edgeUrl(routers.edge),
        listening: routers.edge.map(authority),
        tryPath: options.tryPath,
      },
      apex: routers.apex,
      problems: problem === undefined ? [] : [problem],
    });
  }

  return {
    reconcile,
    status: currentStatus,
    table: () => table,
    recorder: parts.recorder,
    onStatus: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    logs: {
      pathOf: (variant) => {
        // What was started last is what one wants to read: it serves, or it says why it does not.
        const newest = runningByVariant(supervisor.instances()).get(variantName(variant))?.at(-1);
        return newest === undefined ? undefined : parts.logOf(newest.id);
      },
      known: () => [...runningByVariant(supervisor.instances()).keys()],
    },
  };
}

type Address = Readonly<{ host: string; port: number }>;

/** `localhost` where it leads to the edge: share links are names below it. */
function edgeUrl(addresses: readonly Address[]): string {
  const local = addresses.find(({ host }) => /^(?:127\.|0\.0\.0\.0$|::1?$)/.test(host));
  const [first = { host: "localhost", port: 0 }] = addresses;
  return `http://${local === undefined ? authority(first) : `localhost:${local.port}`}`;
}

function authority({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
