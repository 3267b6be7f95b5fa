import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  type Action,
  type Config,
  type DesiredVariant,
  type Instance,
  type LocalAddresses,
  processSpec,
  type Variant,
  variantName,
} from "@perch/core";
import pLimit from "p-limit";
import type { Logger } from "pino";
import type { Checkout } from "../pull-requests/source.ts";
import type { StateDir } from "../state/state-dir.ts";
import { openDependencies } from "./dependencies/index.ts";
import { launchInstance, type RunningInstance } from "./instance.ts";

/** Runs instances: does what the plan's actions say, and nothing of its own accord. */
export interface Supervisor {
  instances(): Instance[];
  /** Begins an action; its progress shows in `instances()`. */
  apply(action: Action): void;
  /** Forgets what was installed for variants that are not among these. */
  retainDependencies(variants: readonly Variant[]): void;
  /** Ends every instance. */
  close(): Promise<void>;
}

export interface SupervisorOptions {
  readonly config: Config;
  readonly stateDir: StateDir;
  /** Where the files of a variant come from. */
  readonly checkoutOf: (desired: DesiredVariant) => Checkout;
  readonly addresses: Omit<LocalAddresses, "own">;
  readonly logger: Logger;
  readonly engineEnv: NodeJS.ProcessEnv;
  /** Ends the traffic of an address that no route names any more. */
  readonly release: (address: string) => Promise<void>;
  readonly onChange: () => void;
}

export function startSupervisor(options: SupervisorOptions): Supervisor {
  const { config, stateDir, logger, engineEnv, onChange } = options;
  const dependencies = openDependencies(stateDir.dependencies);
  const buildSlots = pLimit(Math.max(2, availableParallelism()));
  const running = new Map<string, RunningInstance>();
  const removals = new Set<Promise<void>>();
  let sequence = 0;

  function start(desired: DesiredVariant): void {
    const checkout = options.checkoutOf(desired);
    // The same revision may start again while an earlier instance of it still drains: the number keeps them apart.
    sequence += 1;
    const id = `${variantName(desired.variant)}-${desired.revision}-${sequence}`;
    const specFor = (port: number) =>
      processSpec(config, desired, { ...options.addresses, own: { host: "127.0.0.1", port } });
    const parts = { checkout, dependencies, buildSlots, logger, engineEnv, specFor, onChange };
    running.set(id, launchInstance(id, join(stateDir.instances, id), desired, parts));
  }

  function remove(id: string): void {
    const instance = running.get(id);
    if (instance === undefined) return;
    const removal = instance
      .remove(options.release)
      .catch((error: unknown) => logger.error({ err: error, instance: id }, "could not be removed whole"))
      .finally(() => {
        running.delete(id);
        removals.delete(removal);
        onChange();
      });
    removals.add(removal);
  }

  return {
    instances: () => [...running.values()].map((instance) => instance.snapshot()),
    retainDependencies: (variants) => {
      const failed = (error: unknown) => logger.warn({ err: error }, "old dependencies could not be removed");
      void dependencies.retain(variants).catch(failed);
    },
    apply: (action) => {
      if (action.kind === "start") start(action.desired);
      else if (action.kind === "restart") running.get(action.instance.id)?.restart();
      else remove(action.instance.id);
    },
    close: async () => {
      for (const [id, instance] of running) {
        const { state } = instance.snapshot();
        if (state !== "draining" && state !== "stopping") remove(id);
      }
      await Promise.all(removals);
    },
  };
}
