import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type DesiredVariant,
  type Instance,
  type InstanceFailure,
  type InstanceState,
  PerchError,
  type ProcessSpec,
  retryDelay,
  type Variant,
  variantName,
} from "@perch/core";
import type { LimitFunction } from "p-limit";
import type { Logger } from "pino";
import type { Checkout } from "../pull-requests/source.ts";
import { removeFolder } from "../state/state-dir.ts";
import { describeExit, type Exit, type RunningCommand } from "./command.ts";
import type { Dependencies } from "./dependencies/index.ts";
import { type InstanceLog, openLog, tailLog } from "./log.ts";
import { freePort } from "./ports.ts";
import { endGroup } from "./process-group.ts";
import { recordProcess } from "./process-record.ts";
import { build, install, prepare, type StageContext, start } from "./stages.ts";
import { inTurn } from "./turn.ts";

/** What an instance needs from around it. */
export interface InstanceParts {
  readonly checkout: Checkout;
  readonly dependencies: Dependencies;
  /** How many may prepare, install and build at once. */
  readonly buildSlots: LimitFunction;
  readonly logger: Logger;
  readonly engineEnv: NodeJS.ProcessEnv;
  /** `processSpec` for the port that was just found free. */
  readonly specFor: (port: number) => ProcessSpec;
  /** After every change of the snapshot. */
  readonly onChange: () => void;
}

/** One revision of one variant, from its worktree to its end. */
export interface RunningInstance {
  snapshot(): Instance;
  /** Starts again what failed, from the stage that failed. */
  restart(): void;
  /** Stops it and removes all that it has on disk; `release` ends its traffic first. */
  remove(release: (address: string) => Promise<void>): Promise<void>;
}

const HOST = "127.0.0.1";
/** Lines of the log that a failure shows. */
const TAIL_LINES = 20;
/** Milliseconds of being ready after which earlier failures are forgotten. */
const STEADY = 60_000;

/** Begins to bring an instance up, in the background; every failure ends in its snapshot. */
export function launchInstance(
  id: string,
  folder: string,
  desired: DesiredVariant,
  parts: InstanceParts,
): RunningInstance {
  const { variant, repo, commit, revision } = desired;
  const logger = parts.logger.child({ variant: variantName(variant), revision });
  const closing = new AbortController();
  const worktree = join(folder, "worktree");
  let snapshot: Instance = {
    id,
    variant,
    repo,
    commit,
    revision,
    state: "queued",
    since: Date.now(),
    restarts: 0,
  };
  let built = false;
  let leaving = false;
  let log: InstanceLog | undefined;
  let running: RunningCommand | undefined;

  function become(state: InstanceState, change: Partial<Instance> = {}): void {
    // What is on its way out stays so: a stage that ends only now must not bring it back among those that run.
    if (leaving && state !== "draining" && state !== "stopping") return;
    snapshot = { ...snapshot, ...change, state, since: Date.now() };
    logger.debug({ state }, "instance");
    parts.onChange();
  }

  async function bringUp(): Promise<void> {
    try {
      await mkdir(folder, { recursive: true });
      log ??= await openLog(join(folder, "log"));
      if (!built) await inTurn(parts.buildSlots, closing.signal, () => bringFiles(contextFor(0)));
      built = true;
      await bringProcess();
    } catch (error) {
      if (!closing.signal.aborted) await fail(error);
    }
  }

  function contextFor(port: number): StageContext {
    if (log === undefined) throw new TypeError("The log is opened first.");
    const { checkout, engineEnv, specFor } = parts;
    return {
      variant,
      commit,
      checkout,
      spec: specFor(port),
      worktree,
      log,
      engineEnv,
      signal: closing.signal,
      record: (pid) => recordProcess(folder, pid),
    };
  }

  async function bringFiles(context: StageContext): Promise<void> {
    closing.signal.throwIfAborted();
    become("preparing");
    await prepare(context);
    become("installing");
    await install(context, parts.dependencies);
    become("building");
    await build(context);
  }

  async function bringProcess(): Promise<void> {
    const port = await freePort(HOST);
    const address = `${HOST}:${port}`;
    become("starting", { address });
    await start(contextFor(port), address, (command) => {
      running = command;
      snapshot = { ...snapshot, pid: command.pid };
    });
    const { failure: _failure, retryAt: _retryAt, ...healthy } = snapshot;
    snapshot = healthy;
    become("ready");
    logger.info({ address }, "ready");
    void running?.exited.then((exit) => {
      if (!closing.signal.aborted) work = fail(exitedWhileServing(variant, exit));
    });
  }

  /** First the status and the routes know; then what is left of the process group ends, before anything is started again. */
  async function fail(error: unknown): Promise<void> {
    const { address: _address, pid: _pid, ...rest } = snapshot;
    const restarts = rest.state === "ready" && Date.now() - rest.since > STEADY ? 0 : rest.restarts;
    const failure = await describeFailure(error, folder);
    logger.warn({ code: failure.code }, failure.message);
    if (!leaving) {
      snapshot = { ...rest, restarts };
      become("failed", { failure, retryAt: failure.at + retryDelay(failure.code, restarts) });
    }
    await endProcess(2_000);
  }

  /** Its number may be given to somebody else from then on, so it is forgotten. */
  async function endProcess(grace: number): Promise<void> {
    if (running === undefined) return;
    const { pid } = running;
    await endGroup(pid, grace);
    running = undefined;
  }

  let work = bringUp();
  return {
    snapshot: () => snapshot,
    restart: () => {
      become("queued", { restarts: snapshot.restarts + 1 });
      work = work.then(bringUp);
    },
    remove: async (release) => {
      const { state, address } = snapshot;
      leaving = true;
      become("draining");
      if (state === "ready" && address !== undefined) await release(address);
      closing.abort();
      become("stopping");
      await endProcess(parts.specFor(0).stopTimeout);
      await work;
      await log?.close();
      await parts.checkout.remove(worktree);
      await removeFolder(folder);
    },
  };
}

function exitedWhileServing(variant: Variant, exit: Exit): PerchError {
  return new PerchError({
    code: "EXITED",
    message: `${variantName(variant)} ended with ${describeExit(exit)} while it served.`,
    hint: "It is started again by itself.",
    fault: variant.pr === undefined ? "user" : "pull-request",
  });
}

async function describeFailure(error: unknown, folder: string): Promise<InstanceFailure> {
  const logTail = await tailLog(join(folder, "log"), TAIL_LINES);
  const at = Date.now();
  if (error instanceof PerchError) {
    const { code, message, hint, fault } = error;
    return { code, message, hint, fault, at, logTail };
  }
  const message = `perch itself failed: ${error instanceof Error ? error.message : String(error)}`;
  return {
    code: "INTERNAL",
    message,
    hint: "Please report it, with the engine's log.",
    fault: "perch",
    at,
    logTail,
  };
}
