import {
  crowdProblem,
  type DesiredVariant,
  diff,
  idleAt,
  isExpired,
  type Plan,
  plan,
  type RouteTable,
  routeTable,
  runningByVariant,
  type Status,
  status,
  type Variant,
  variantName,
} from "@perch/core";
import type { EngineOptions } from "./options.ts";
import { edgeHosts, type Parts } from "./parts.ts";
import { DATABASE_FOLDER } from "./processes/process-record.ts";
import { scopesOf } from "./processes/scopes.ts";
import { mirrorName } from "./pull-requests/repositories.ts";
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
  const { observer, supervisor, routes, database, use, activity, disk, configWatch } = parts;
  const { routers } = routes;
  const startedAt = Date.now();
  const hosts = edgeHosts(options);
  const listeners = new Set<() => void>();
  let wanted: Plan = plan(config, []);
  let table: RouteTable = routeTable(config, wanted, [], hosts);

  function reconcile(): number | undefined {
    const now = Date.now();
    const expired = ({ variant, commit }: DesiredVariant) =>
      isExpired(config, commit, activity.of(variantName(variant)), now);
    wanted = plan(config, observer.observations(), expired);
    noteActivity(now);
    supervisor.pauseBuilds(disk.problem() !== undefined);
    const actions = diff(wanted, supervisor.instances(), now, use.usage());
    const early = notLookedYet();
    for (const action of actions) {
      // What an earlier engine saw may be out of date: nothing is built for it before the source was asked once.
      if (action.kind !== "start" || !early.has(action.desired.repo)) supervisor.apply(action);
    }
    // In the same turn as the actions: no request can come between an instance's farewell and its route's.
    table = routeTable(config, wanted, supervisor.instances(), hosts);
    routers.publish(table);
    // What no source has told of yet may still be open.
    if (wanted.unseen.size === 0) supervisor.retain(inUse());
    for (const listener of listeners) listener();
    return nextDue();
  }

  /** What still drains needs its modules too. */
  function inUse(): Variant[] {
    return [...wanted.variants, ...supervisor.instances()].map(({ variant }) => variant);
  }

  /** Takes note of new commits and of use: what `canary.ttl` counts from. */
  function noteActivity(now: number): void {
    const { lastUsed, busy, awaited } = use.usage();
    const names = new Set<string>();
    for (const { variant, commit } of wanted.variants) {
      if (variant.pr === undefined) continue;
      const name = variantName(variant);
      names.add(name);
      const isUsed = activity.of(name)?.commit !== commit || busy.has(name) || awaited.has(name);
      activity.note(name, { commit, at: isUsed ? now : (lastUsed.get(name) ?? 0) }, now);
    }
    // Those that expired are not wanted, and must not begin anew.
    for (const { pullRequest } of wanted.pullRequests) {
      for (const service of config.services.keys())
        names.add(variantName({ service, pr: pullRequest.number }));
    }
    if (wanted.unseen.size === 0) activity.retain(names);
  }

  function notLookedYet(): Set<string> {
    const early = observer
      .sources()
      .filter(({ lastSeen, error }) => lastSeen === undefined && error === undefined);
    return new Set(early.map(({ repo }) => repo));
  }

  /** A retry, or a canary that falls asleep. */
  function nextDue(): number | undefined {
    const usage = use.usage();
    const now = Date.now();
    const due = supervisor
      .instances()
      .flatMap((instance) => [instance.retryAt, idleAt(instance, usage, now)])
      .filter((at) => at !== undefined);
    return due.length === 0 ? undefined : due.reduce((a, b) => Math.min(a, b));
  }

  function currentStatus(): Status {
    const problems = [
      disk.problem(),
      crowdProblem(supervisor.instances(), use.usage()),
      configWatch?.problem(),
      database?.problem(),
      routes.certificate?.problem(),
    ].filter((problem) => problem !== undefined);
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
        url: routes.edgeUrl,
        listening: routes.listening,
        secure: routes.certificate !== undefined,
        tryPath: options.tryPath,
      },
      apex: routers.apex,
      problems,
    });
  }

  return {
    reconcile,
    status: currentStatus,
    table: () => table,
    reasons: () => ({
      instances: [...supervisor.instances().map(({ id }) => id), DATABASE_FOLDER],
      dependencies: scopesOf(inUse()),
      mirrors: [...new Set([...config.services.values()].map(({ repo }) => mirrorName(repo)))],
      pullRequests: parts.repositories.pullRequests(),
    }),
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
