import { join } from "node:path";
import { plan, routeTable } from "@perch/core";
import type { EngineOptions } from "./options.ts";
import { type Database, startDynamodb } from "./processes/dynamodb.ts";
import { endStrays } from "./processes/strays.ts";
import { type Supervisor, startSupervisor } from "./processes/supervisor.ts";
import { type Observer, startObserver } from "./pull-requests/observer.ts";
import { openRemembered } from "./pull-requests/remembered.ts";
import { openRepositories, type Repositories } from "./pull-requests/repositories.ts";
import { type CanaryUseRecord, trackCanaryUse } from "./routes/canary-use.ts";
import { openRoutes, type Routes } from "./routes/open.ts";
import { type ActivityRecord, openActivity } from "./state/activity.ts";
import { type ConfigWatch, watchConfig } from "./state/config-file.ts";
import { type DiskWatch, watchDisk } from "./state/disk.ts";
import { openPorts } from "./state/ports.ts";
import type { StateDir } from "./state/state-dir.ts";
import { type Recorder, startRecorder } from "./status/measurements/index.ts";
import { openWebhook, type WebhookEndpoint } from "./webhook/index.ts";

/** What acts: each does as it is told, and calls back when something changed. */
export interface Parts {
  readonly repositories: Repositories;
  readonly observer: Observer;
  readonly supervisor: Supervisor;
  readonly routes: Routes;
  /** Only where a service asks for one. */
  readonly database: Database | undefined;
  readonly use: CanaryUseRecord;
  readonly activity: ActivityRecord;
  readonly disk: DiskWatch;
  /** Only where the config is a file. */
  readonly configWatch: ConfigWatch | undefined;
  readonly recorder: Recorder;
  /** Only where it is asked for. */
  readonly webhook: WebhookEndpoint | undefined;
  readonly logOf: (instanceId: string) => string;
}

/**
 * Opens the parts in the order in which they need each other, and registers how to close them: no new requests first, then
 * the processes, then what they need.
 */
export async function openParts(
  options: EngineOptions,
  stateDir: StateDir,
  onChange: () => void,
  closing: AsyncDisposableStack,
): Promise<Parts> {
  const { config, logger, drainTimeout, wakeTimeout } = options;
  const disk = await watchDisk(stateDir, onChange);
  closing.defer(() => disk.close());
  const configWatch =
    options.configFile === undefined ? undefined : watchConfig(options.configFile, onChange);
  if (configWatch !== undefined) closing.defer(() => configWatch.close());
  const activity = await openActivity(stateDir);
  closing.defer(() => activity.close());
  const use = trackCanaryUse({
    idle: config.canary.idle,
    most: config.canary.maxRunning,
    wakeTimeout,
    onChange,
  });
  const table = routeTable(config, plan(config, []), [], edgeHosts(options));
  const recorder = startRecorder();
  const ports = await openPorts(stateDir);
  const shared = { table, observe: recorder.observe, use, ports };
  const routes = await openRoutes(options, edgeHosts(options), shared, closing);
  const { routers, certificate } = routes;
  // A git command of an engine that crashed may still hold the locks of its mirror.
  await endStrays(stateDir.git);
  const repositories = await openRepositories(options, stateDir);
  const database = usesDynamodb(options) ? await startDynamodb(stateDir, ports, logger, onChange) : undefined;
  if (database !== undefined) closing.defer(() => database.close());
  const supervisor = await startSupervisor({
    config,
    stateDir,
    checkoutOf: repositories.checkoutOf,
    addresses: { apex: routers.apex, database: database?.address },
    logger,
    engineEnv: options.env,
    release: (address) => routers.release(address, drainTimeout),
    onChange,
  });
  closing.defer(() => supervisor.close());
  closing.defer(() => routers.close(drainTimeout, options.hurry));
  const observer = startObserver({
    sources: repositories.sources,
    interval: options.interval,
    logger,
    remembered: await openRemembered(stateDir, options.version),
    onChange,
  });
  closing.defer(() => observer.close());
  const webhook =
    options.webhook === undefined
      ? undefined
      : await openWebhook(options.webhook, { ...options, certificate }, observer.poke);
  if (webhook !== undefined) closing.defer(() => webhook.close());
  const logOf = (id: string) => join(stateDir.instances, id, "log");
  return {
    repositories,
    observer,
    supervisor,
    routes,
    database,
    use,
    activity,
    disk,
    configWatch,
    recorder,
    webhook,
    logOf,
  };
}

/** Share links work under the host of `perch.yaml` and under localhost, which browsers resolve by themselves (RFC 6761). */
export function edgeHosts({ config }: EngineOptions): string[] {
  return [...new Set([config.edge.host.toLowerCase(), "localhost"])];
}

function usesDynamodb({ config }: EngineOptions): boolean {
  return [...config.services.values()].some(
    ({ database, local }) => database === "dynamodb" && local !== undefined,
  );
}
