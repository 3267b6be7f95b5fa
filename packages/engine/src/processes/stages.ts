import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { type ErrorCode, PerchError, type ProcessSpec, type Variant, variantName } from "@perch/core";
import type { Checkout } from "../pull-requests/source.ts";
import { describeExit, type Exit, type RunningCommand, runCommand, startCommand } from "./command.ts";
import type { Dependencies } from "./dependencies/index.ts";
import { WITHOUT_HOOKS } from "./dependencies/own-scripts.ts";
import { environment, installVariables } from "./environment.ts";
import type { Hold } from "./hold.ts";
import type { InstanceLog } from "./log.ts";
import { ownFolders, ownHome } from "./own-home.ts";
import { waitUntilReady } from "./readiness.ts";
import type { Sandbox } from "./sandbox.ts";

/** One instance as its stages see it. */
export interface StageContext {
  readonly variant: Variant;
  readonly commit: string;
  readonly checkout: Checkout;
  readonly spec: ProcessSpec;
  /** Absolute path of the instance's own folder. */
  readonly folder: string;
  /** Absolute path, in `folder`. */
  readonly worktree: string;
  /** Absolute path of what the pull request's tools cache; the instances of its other heads have it too. Stable has none. */
  readonly cache: string;
  readonly log: InstanceLog;
  readonly engineEnv: NodeJS.ProcessEnv;
  /** How its processes are held. */
  readonly sandbox: Sandbox;
  /** Files of its control groups. */
  readonly groups: readonly string[];
  readonly signal: AbortSignal;
  /** Writes down a process that was started, so that the next engine finds it after a crash of this one. */
  readonly record: (pid: number) => Promise<void>;
}

/**
 * preparing: the commit's files in a folder of their own.
 * @returns what of them is not there, a sentence each, which the log has too.
 * @throws PerchError CHECKOUT_FAILED
 */
export async function prepare(context: StageContext): Promise<readonly string[]> {
  await context.checkout.remove(context.worktree);
  const missing = await context.checkout.add(context.commit, context.worktree, context.signal);
  for (const sentence of missing) await context.log.note(sentence);
  await refuseEscape(context);
  return missing;
}

/** installing: dependencies, from the cache where they are there. @throws PerchError INSTALL_FAILED */
export async function install(context: StageContext, dependencies: Dependencies): Promise<void> {
  const { variant, commit, worktree, spec, checkout, log } = context;
  const command = spec.install;
  if (command === undefined || !checkout.isOwn) return;
  const reason = await dependencies.provide({
    variant,
    worktree,
    commit,
    folder: spec.folder,
    command,
    install: (folder) => runStage(context, "INSTALL_FAILED", "install", command, folder),
  });
  if (reason !== undefined) await log.note(`install: it is run for each revision, as ${reason}`);
}

/** building: the service's own build. @throws PerchError BUILD_FAILED */
export async function build(context: StageContext): Promise<void> {
  if (context.spec.build === undefined) return;
  await runStage(context, "BUILD_FAILED", "build", context.spec.build, context.spec.folder);
}

/** starting: the process, until it says that it is ready. @throws PerchError START_FAILED, START_TIMEOUT */
export async function start(
  context: StageContext,
  address: string,
  onSpawn: (command: RunningCommand) => void,
): Promise<void> {
  const { spec, worktree, log, signal } = context;
  await log.note(`start: ${spec.start}`);
  signal.throwIfAborted();
  const env = await environmentOf(context, false);
  const cwd = join(worktree, spec.folder);
  const running = startCommand({ command: spec.start, cwd, env, log, held: holdOf(context, false) });
  onSpawn(running);
  await context.record(running.pid);
  const giveUp = AbortSignal.any([signal, AbortSignal.timeout(spec.readyTimeout)]);
  const died = running.exited.then((exit) => {
    throw exitedTooEarly(context, exit);
  });
  try {
    await Promise.race([waitUntilReady(address, spec.ready, giveUp), died]);
  } catch (error) {
    signal.throwIfAborted();
    throw giveUp.aborted ? tooSlow(context, address) : error;
  } finally {
    died.catch(() => undefined);
  }
}

/** A symbolic link in a pull request must not make its service's folder a folder of somebody else. */
async function refuseEscape({ worktree, spec, variant }: StageContext): Promise<void> {
  const root = await realpath(worktree);
  const folder = await realpath(join(worktree, spec.folder)).catch(() => undefined);
  if (folder === root || folder?.startsWith(root + sep)) return;
  throw new PerchError({
    code: "CHECKOUT_FAILED",
    message: `${variantName(variant)} has no folder ${spec.folder} of its own in this commit.`,
    hint: "Check the service's path in perch.yaml, and that the commit has it as a real folder.",
    fault: variant.pr === undefined ? "user" : "pull-request",
  });
}

/**
 * A pull request's processes have a home and caches of their own. Stable's have the engine's: its code is the team's, and a private
 * registry's credentials are there.
 */
async function environmentOf(context: StageContext, isInstall: boolean): Promise<Record<string, string>> {
  const { variant, folder, cache, spec, engineEnv } = context;
  const home = variant.pr === undefined ? {} : await ownHome(ownFolders(folder, cache), engineEnv);
  const forInstall = isInstall
    ? { ...installVariables(engineEnv, variant.pr === undefined), ...WITHOUT_HOOKS }
    : {};
  return environment(engineEnv, folder, { ...forInstall, ...home, ...spec.env });
}

/**
 * Stable's are held to what the sandbox holds them to; a pull request's give way to them. The instance's folder itself is not
 * theirs to write to: the next engine believes its records, and this one writes its log there.
 */
function holdOf({ sandbox, folder, cache, worktree, groups, variant }: StageContext, isBuild: boolean): Hold {
  const isCanary = variant.pr !== undefined;
  const writable = [worktree, ...Object.values(ownFolders(folder, cache))];
  return { sandbox, writable, groups, firstToGo: isCanary, yields: isCanary && isBuild };
}

async function runStage(
  context: StageContext,
  code: ErrorCode,
  stage: string,
  command: string,
  folder: string,
): Promise<void> {
  const { variant, spec, worktree, log, signal, record } = context;
  await log.note(`${stage}: ${command}`);
  const env = await environmentOf(context, code === "INSTALL_FAILED");
  const late = AbortSignal.timeout(spec.buildTimeout);
  try {
    const held = holdOf(context, true);
    const options = { command, cwd: join(worktree, folder), env, log, held };
    const exit = await runCommand(options, AbortSignal.any([signal, late]), record);
    if (exit.kind === "exit" && exit.code === 0) return;
    throw failure(
      variant,
      code,
      `The ${stage} of ${variantName(variant)} failed with ${describeExit(exit)}: ${command}`,
    );
  } catch (error) {
    if (signal.aborted || !late.aborted) throw error;
    const minutes = spec.buildTimeout / 60_000;
    throw failure(
      variant,
      code,
      `The ${stage} of ${variantName(variant)} did not end within ${minutes} min: ${command}`,
    );
  }
}

function exitedTooEarly({ variant, spec }: StageContext, exit: Exit): PerchError {
  const message = `${variantName(variant)} ended with ${describeExit(exit)} before it was ready: ${spec.start}`;
  return failure(variant, "START_FAILED", message);
}

function tooSlow({ variant, spec }: StageContext, address: string): PerchError {
  const { ready, readyTimeout } = spec;
  const check = ready.kind === "grpc" ? "gRPC health SERVING" : `2xx on ${ready.path}`;
  const seconds = readyTimeout / 1000;
  return failure(
    variant,
    "START_TIMEOUT",
    `${variantName(variant)} did not answer ${check} at ${address} within ${seconds} s.`,
  );
}

function failure(variant: Variant, code: ErrorCode, message: string): PerchError {
  const of = variant.pr === undefined ? variant.service : `${variant.service} --pr ${variant.pr}`;
  return new PerchError({
    code,
    message,
    hint: `Read \`perch logs ${of}\`; a push with a fix is picked up by itself.`,
    fault: variant.pr === undefined ? "user" : "pull-request",
  });
}
