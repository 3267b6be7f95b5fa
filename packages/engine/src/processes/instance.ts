import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type DesiredVariant, type Instance, type InstanceState, retryDelay, variantName } from "@perch/core";
import { identifyProcess, type ProcessIdentity } from "../state/process-identity.ts";
import { removeFolder } from "../state/state-dir.ts";
import { adoptCommand, type RunningCommand } from "./command.ts";
import { describeFailure, exitedWhileServing } from "./failure.ts";
import { type InstanceLog, openLog } from "./log.ts";
import { reservePort } from "./ports.ts";
import { endGroup } from "./process-group.ts";
import { recordBuilt, recordProcess } from "./process-record.ts";
import type { Survivor } from "./recovery.ts";
import type { InstanceParts, RunningInstance } from "./running-instance.ts";
import { build, install, prepare, type StageContext, start } from "./stages.ts";
import { endStrays } from "./strays.ts";

const HOST = "127.0.0.1";
/** Milliseconds of being ready after which earlier failures are forgotten. */
const STEADY = 60_000;

/**
 * Begins to bring an instance up, in the background; every failure ends in its snapshot.
 * @param survivor what an earlier engine left of it: then it goes on from there.
 */
export function launchInstance(
  id: string,
  folder: string,
  desired: DesiredVariant,
  parts: InstanceParts,
  survivor?: Survivor,
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
    state: survivor?.built.asleep === true ? "sleeping" : "queued",
    since: Date.now(),
    restarts: 0,
  };
  let built = survivor !== undefined;
  let leaving = false;
  let log: InstanceLog | undefined;
  let running: RunningCommand | undefined;
  /** Of the command that was started last. */
  let leader: ProcessIdentity | undefined;
  const owner = variant.pr === undefined ? undefined : `${repo}#${variant.pr}`;
  /** Gives back the place that a canary's process has. */
  let leavePlace: (() => void) | undefined;
  let groups: readonly string[] = [];
  /** Of the commit's files; a later failure may come of it. */
  let missing: readonly string[] = [];

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
      groups = await parts.quotas.of(id, () => leader);
      if (!built) await parts.builds.run(owner, closing.signal, () => bringFiles(contextFor(0)));
      built = true;
      await bringProcess();
    } catch (error) {
      if (!closing.signal.aborted) await fail(error);
    }
  }

  function contextFor(port: number): StageContext {
    if (log === undefined) throw new TypeError("The log is opened first.");
    const { checkout, cache, engineEnv, sandbox, specFor } = parts;
    return {
      variant,
      commit,
      checkout,
      spec: specFor(port),
      folder,
      worktree,
      cache,
      log,
      engineEnv,
      sandbox,
      groups,
      signal: closing.signal,
      record: async (pid) => {
        leader = await identifyProcess(pid).catch(() => undefined);
        await tolerant(recordProcess(folder, pid));
      },
    };
  }

  async function bringFiles(context: StageContext): Promise<void> {
    closing.signal.throwIfAborted();
    become("preparing");
    missing = await prepare(context);
    become("installing");
    await install(context, parts.dependencies);
    become("building");
    await build(context);
  }

  /** What the next engine finds if this one crashes: that it stands built, and whether it should run. */
  const recordAsleep = (asleep: boolean) =>
    tolerant(recordBuilt(folder, { desired, fingerprint: parts.fingerprint, asleep }));

  /** A disk too full for a record must not keep a service from running: then the next engine begins anew. */
  const tolerant = (record: Promise<void>) =>
    record.catch((error: unknown) => logger.warn({ err: error }, "not written down"));

  async function bringProcess(): Promise<void> {
    closing.signal.throwIfAborted();
    become("starting");
    if (owner !== undefined)
      leavePlace = await parts.places.take(variantName(variant), owner, closing.signal);
    const { port, release } = await reservePort(HOST);
    const address = `${HOST}:${port}`;
    try {
      become("starting", { address });
      await recordAsleep(false);
      await start(contextFor(port), address, (command) => {
        running = command;
        snapshot = { ...snapshot, pid: command.pid };
      });
    } finally {
      release();
    }
    if (running !== undefined) await tolerant(recordProcess(folder, running.pid, address));
    serve();
    logger.info({ address }, "ready");
  }

  function serve(): void {
    const { failure: _failure, retryAt: _retryAt, waking: _waking, ...healthy } = snapshot;
    snapshot = healthy;
    become("ready");
    const command = running;
    void command?.exited.then((exit) => {
      // One that was told to end has nothing to report.
      if (!closing.signal.aborted && running === command) next(() => fail(exitedWhileServing(variant, exit)));
    });
  }

  async function adopt({ process }: Survivor): Promise<void> {
    if (process === undefined) return snapshot.state === "sleeping" ? undefined : bringUp();
    // It serves from the first moment on; nothing else needs to be there for that.
    running = adoptCommand(process);
    leader = process;
    if (owner !== undefined) leavePlace = parts.places.keep(variantName(variant), owner);
    snapshot = { ...snapshot, address: process.address, pid: process.pid };
    serve();
    logger.info({ address: process.address, pid: process.pid }, "adopted");
    groups = await parts.quotas.of(id, () => leader);
    log = await openLog(join(folder, "log")).catch((error: unknown) => {
      logger.warn({ err: error }, "its log is not kept short");
      return undefined;
    });
  }

  /** First the status and the routes know; then what is left of the process group ends, before anything is started again. */
  async function fail(error: unknown): Promise<void> {
    const { address: _address, pid: _pid, waking: _waking, ...rest } = snapshot;
    const restarts = rest.state === "ready" && Date.now() - rest.since > STEADY ? 0 : rest.restarts;
    const ranOut = await parts.quotas.ranOutOfMemory(id);
    const failure = await describeFailure(error, folder, { ranOut, missing });
    logger.warn({ code: failure.code }, failure.message);
    if (!leaving) {
      snapshot = { ...rest, restarts };
      become("failed", { failure, retryAt: failure.at + retryDelay(failure.code, restarts) });
    }
    await endProcess(2_000);
  }

  /** Its number may be given to somebody else from then on, so it is forgotten. */
  async function endProcess(grace: number): Promise<void> {
    const command = running;
    running = undefined;
    try {
      if (command !== undefined) await endGroup(command.pid, grace);
      await endStrays(folder);
    } finally {
      giveUpPlace();
    }
  }

  function giveUpPlace(): void {
    leavePlace?.();
    leavePlace = undefined;
  }

  async function fallAsleep(address: string | undefined, command: RunningCommand | undefined): Promise<void> {
    try {
      // Nothing is under way: that is why it sleeps. Connections that are kept open are closed.
      if (address !== undefined) await parts.release(address);
      await recordAsleep(true);
    } finally {
      if (command !== undefined) await endGroup(command.pid, parts.specFor(0).stopTimeout);
      await endStrays(folder);
    }
    logger.info("asleep");
  }

  /** Nobody waits for what an instance does until it is removed, so it must not reject: that would end the engine. */
  const told = (step: Promise<void>) =>
    step.catch((error: unknown) => logger.error({ err: error }, "an instance's step failed"));

  let work = told(survivor === undefined ? bringUp() : adopt(survivor).catch(fail));

  /** Does one thing after what is under way. */
  function next(step: () => Promise<void>): void {
    work = told(work.then(step));
  }

  async function removeFiles(): Promise<void> {
    // Before its files, which may be in somebody's way.
    await parts.quotas.remove(id);
    await log?.close();
    await parts.checkout.remove(worktree);
    await removeFolder(folder);
  }

  return {
    snapshot: () => snapshot,
    restart: () => {
      become("queued", { restarts: snapshot.restarts + 1 });
      next(bringUp);
    },
    sleep: () => {
      if (snapshot.state !== "ready") return;
      const { address, pid: _pid, ...idle } = snapshot;
      const command = running;
      running = undefined;
      snapshot = idle;
      become("sleeping");
      next(() => fallAsleep(address, command).finally(giveUpPlace));
    },
    wake: () => {
      if (snapshot.state !== "sleeping") return;
      become("starting", { waking: true });
      next(bringUp);
    },
    remove: async () => {
      const { state, address } = snapshot;
      leaving = true;
      become("draining");
      try {
        if (state === "ready" && address !== undefined) await parts.release(address);
        closing.abort();
        become("stopping");
        if (running !== undefined) await endGroup(running.pid, parts.specFor(0).stopTimeout);
        await work;
      } finally {
        // Whatever of this failed, nothing of it runs on, and its place is free.
        closing.abort();
        await endProcess(2_000);
      }
      await removeFiles();
    },
    clear: async () => {
      await endProcess(2_000);
      await removeFiles();
    },
  };
}
