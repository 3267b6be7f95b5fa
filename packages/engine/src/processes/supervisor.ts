import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import {
  type Action,
  type Config,
  type DesiredVariant,
  type Instance,
  type LocalAddresses,
  localQuota,
  processSpec,
  type Variant,
  variantName,
} from "@perch/core";
import type { Logger } from "pino";
import type { Checkout } from "../pull-requests/source.ts";
import { removeFolder, type StateDir } from "../state/state-dir.ts";
import { buildQueue } from "./build-queue.ts";
import { openDependencies } from "./dependencies/index.ts";
import { fingerprint } from "./fingerprint.ts";
import { launchInstance } from "./instance.ts";
import { openLeftovers } from "./leftovers.ts";
import { openPlaces } from "./places.ts";
import { NO_QUOTAS, openQuotas } from "./quotas.ts";
import { isReadyNow } from "./readiness.ts";
import { type Recovery, recover, type Survivor } from "./recovery.ts";
import type { RunningInstance } from "./running-instance.ts";
import { findSandbox, limitsOnly } from "./sandbox.ts";
import { CACHE, newestOnly, removePartialScopes, scopeOf } from "./scopes.ts";

/** Runs instances: does what the plan's actions say, and nothing of its own accord. */
export interface Supervisor {
  instances(): Instance[];
  /** Begins an action; its progress shows in `instances()`. */
  apply(action: Action): void;
  /** Forgets what was installed and cached for variants that are not among these. */
  retain(variants: readonly Variant[]): void;
  /** While true no build begins. */
  pauseBuilds(paused: boolean): void;
  /** Ends every instance. */
  close(): Promise<void>;
}

export interface SupervisorOptions {
  readonly config: Config;
  readonly stateDir: StateDir;
  /** Where the files of a variant come from. @throws RangeError when its repository is not part of the config */
  readonly checkoutOf: (desired: DesiredVariant) => Checkout;
  readonly addresses: Omit<LocalAddresses, "own">;
  readonly logger: Logger;
  readonly engineEnv: NodeJS.ProcessEnv;
  /** Ends the traffic of an address that no route names any more. */
  readonly release: (address: string) => Promise<void>;
  readonly onChange: () => void;
}

/** Milliseconds for which dependencies stay that no instance uses: a pull request that is not up to date may still want them. */
const DEPENDENCIES_KEPT = 3_600_000;

/** Of one canary, where control groups can count them. */
const MOST_PROCESSES = 4_096;

/** Goes on with what an engine that crashed has left, as far as it is what this one would run. */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { config, stateDir, logger, engineEnv, onChange } = options;
  const dependencies = openDependencies(stateDir.dependencies);
  const sandbox = await findSandbox(stateDir.root);
  const builds = buildQueue(config.canary.maxBuilds ?? Math.max(2, availableParallelism()));
  const places = openPlaces(config.canary.maxRunning);
  const running = new Map<string, RunningInstance>();
  const removals = new Set<Promise<void>>();
  const leftovers = openLeftovers(logger);
  let sequence = 0;

  /** @param stuck errors by path. */
  const tryAgain = (stuck: ReadonlyMap<string, unknown>) => {
    for (const [path, error] of stuck)
      leftovers.add(relative(stateDir.root, path), error, () => removeFolder(path));
  };
  const couldNotForget = (error: unknown) =>
    logger.warn({ err: error }, "old dependencies could not be removed");
  const retain = newestOnly((variants: readonly Variant[]) =>
    dependencies.retain(variants).then(tryAgain, couldNotForget),
  );

  const fingerprintOf = (desired: DesiredVariant) =>
    fingerprint(config, desired, options.addresses, options.checkoutOf(desired));

  function launch(id: string, desired: DesiredVariant, survivor?: Survivor): void {
    const { addresses, release } = options;
    const specFor = (port: number) =>
      processSpec(config, desired, { ...addresses, own: { host: "127.0.0.1", port } });
    const parts = {
      checkout: options.checkoutOf(desired),
      fingerprint: fingerprintOf(desired) ?? "",
      // Stable is the team's own code, and in a checkout it writes to the team's own folder.
      sandbox: desired.variant.pr === undefined ? limitsOnly() : sandbox,
      quotas: desired.variant.pr === undefined ? NO_QUOTAS : quotas,
      cache: join(stateDir.dependencies, scopeOf(desired.variant), CACHE),
      ...{ dependencies, builds, places, logger, engineEnv, specFor, release, onChange },
    };
    running.set(id, launchInstance(id, join(stateDir.instances, id), desired, parts, survivor));
  }

  function start(desired: DesiredVariant): void {
    // The same revision may start again while an earlier instance of it still drains: the number keeps them apart.
    sequence += 1;
    launch(`${variantName(desired.variant)}-${desired.revision}-${sequence}`, desired);
  }

  function remove(id: string): void {
    const instance = running.get(id);
    if (instance === undefined) return;
    const removal = instance
      .remove()
      .catch((error: unknown) => leftovers.add(id, error, () => instance.clear()))
      .finally(() => {
        running.delete(id);
        removals.delete(removal);
        onChange();
      });
    removals.add(removal);
  }

  const collecting = setInterval(() => {
    dependencies.collect(stateDir.instances, DEPENDENCIES_KEPT).catch(couldNotForget);
  }, DEPENDENCIES_KEPT);
  collecting.unref();
  tryAgain(await removePartialScopes(stateDir.dependencies));
  const { survivors, stuck } = await goOn(options, fingerprintOf);
  const quotas = await openQuotas({
    ...stateDir,
    quota: { ...localQuota(config), processes: MOST_PROCESSES },
    logger,
    keep: new Set(survivors.map(({ id }) => id)),
  });
  const { holdsWrites, holdsProcesses } = sandbox;
  logger.info({ holdsWrites, holdsProcesses, quota: quotas.kind }, "how pull requests' processes are held");
  // Before anything is started: no two instances have the same folder.
  for (const id of [...survivors.map((survivor) => survivor.id), ...stuck.keys()])
    sequence = Math.max(sequence, Number(/\d+$/.exec(id)?.[0] ?? 0));
  for (const [id, error] of stuck) leftovers.add(id, error, () => removeFolder(join(stateDir.instances, id)));
  for (const survivor of survivors) launch(survivor.id, survivor.built.desired, survivor);
  return {
    instances: () => [...running.values()].map((instance) => instance.snapshot()),
    retain,
    pauseBuilds: (paused) => builds.pause(paused),
    apply: (action) => {
      if (action.kind === "start") return start(action.desired);
      if (action.kind === "remove") return remove(action.instance.id);
      running.get(action.instance.id)?.[action.kind]();
    },
    close: async () => {
      clearInterval(collecting);
      leftovers.close();
      for (const [id, instance] of running) {
        const { state } = instance.snapshot();
        if (state !== "draining" && state !== "stopping") remove(id);
      }
      await Promise.all(removals);
      await quotas.close();
    },
  };
}

async function goOn(
  { config, stateDir, logger }: SupervisorOptions,
  fingerprintOf: (desired: DesiredVariant) => string | undefined,
): Promise<Recovery> {
  const recovery = await recover(stateDir.instances, {
    isCurrent: ({ desired, fingerprint: written }) => {
      try {
        return fingerprintOf(desired) === written;
      } catch {
        // Its repository, or a service that it needs, is not part of perch.yaml any more.
        return false;
      }
    },
    isReady: async ({ desired }, address) => {
      const ready = config.services.get(desired.variant.service)?.local?.ready;
      return ready !== undefined && (await isReadyNow(address, ready));
    },
  });
  const { survivors, ended } = recovery;
  const adopted = survivors.filter(({ process }) => process !== undefined).length;
  if (survivors.length > 0 || ended > 0)
    logger.warn({ adopted, kept: survivors.length, ended }, "went on with what an earlier engine left");
  return recovery;
}
