import { longestStop, type Status } from "@perch/core";
import type { EngineOptions } from "./options.ts";
import { openParts } from "./parts.ts";
import { reconcileLoop } from "./reconcile-loop.ts";
import { createReconciler } from "./reconciler.ts";
import { lockStateDir } from "./state/lock.ts";
import { openStateDir } from "./state/state-dir.ts";
import { removeUnfinished } from "./state/unfinished.ts";
import { openStatusApi } from "./status/open.ts";

/** A running engine. */
export interface Engine {
  status(): Status;
  /** Calls back after every change; returns how to stop. */
  onStatus(listener: () => void): () => void;
  /** Resolves once nothing is on its way any more. */
  settled(): Promise<Status>;
  /** Base URL of the status API. */
  readonly statusUrl: string;
  /** Ends all that it started, and nothing else. */
  close(): Promise<void>;
}

/**
 * Runs the canaries of one project on this machine until closed.
 * @throws PerchError ENGINE_RUNNING, PORT_IN_USE, STATE_DIR_UNUSABLE, USAGE
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  // Whatever fails from here on closes what was already open, in reverse order.
  await using starting = new AsyncDisposableStack();
  const stateDir = await openStateDir(options.stateDir);
  const lock = await lockStateDir(options.stateDir);
  starting.defer(() => lock.release());
  await removeUnfinished(stateDir.root, options.logger);
  const loop = reconcileLoop(options.logger);
  const parts = await openParts(options, stateDir, loop.trigger, starting);
  let statusUrl: string | undefined;
  const reconciler = createReconciler(options, parts, () => statusUrl);
  const statusApi = await openStatusApi(options, reconciler);
  statusUrl = statusApi.url;
  starting.defer(() => statusApi.close());
  const stopTimeout = longestStop(options.config, options.drainTimeout);
  await lock.announce({ statusUrl: statusApi.url, stopTimeout });
  loop.begin(reconciler.reconcile);
  starting.defer(() => loop.close());
  const running = starting.move();
  return {
    status: reconciler.status,
    onStatus: reconciler.onStatus,
    settled: () => settled(reconciler),
    statusUrl: statusApi.url,
    close: () => running.disposeAsync(),
  };
}

function settled({ status, onStatus }: Pick<Engine, "status" | "onStatus">): Promise<Status> {
  const { promise, resolve } = Promise.withResolvers<Status>();
  const check = () => {
    const now = status();
    if (now.settled) resolve(now);
  };
  const unsubscribe = onStatus(check);
  check();
  return promise.finally(unsubscribe);
}
