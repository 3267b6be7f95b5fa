import { type Engine, type EngineOptions, startEngine } from "@perch/engine";
import type { UpFlags } from "../commands/up.ts";
import { onReaderGone } from "../output/reader.ts";
import { type Project, readConfigFile } from "../project.ts";
import { sourceOptions } from "../source.ts";
import { openEngineLog } from "./engine-log.ts";
import { frontOptions } from "./front.ts";
import { showProgress } from "./progress.ts";

/** Runs the engine in this process until a signal ends it. */
export async function upForeground(
  flags: UpFlags,
  project: Project,
  stateDir: string,
  version: string,
): Promise<void> {
  // Before anything is started, so that an early Ctrl-C also ends cleanly.
  const { stopped, hurry } = signals();
  const logger = await openEngineLog(stateDir, flags.logLevel);
  const engine = await startEngine(await engineOptions(flags, project, stateDir, version, logger, hurry));
  const progress = showProgress(engine);
  await stopped;
  progress.stop();
  await close(engine, flags.drain);
}

async function close(engine: Engine, drain: number): Promise<void> {
  process.stdout.write(
    `\nStopping; requests under way have ${drain / 1000} s to end, and none after another Ctrl-C …\n`,
  );
  await engine.close();
  process.stdout.write("Stopped: nothing of it runs any more.\n");
}

async function engineOptions(
  flags: UpFlags,
  project: Project,
  stateDir: string,
  version: string,
  logger: EngineOptions["logger"],
  hurry: AbortSignal,
): Promise<EngineOptions> {
  const { config, text } = await readConfigFile(project);
  return {
    config,
    configFile: { path: project.file, text },
    version,
    stateDir,
    checkout: project.folder,
    ...(await sourceOptions(config, flags, process.env, project.folder)),
    stable: flags.stable,
    hosts: flags.host,
    edgePort: flags.edgePort,
    ...frontOptions(flags),
    statusPort: flags.statusPort,
    drainTimeout: flags.drain,
    hurry,
    wakeTimeout: flags.wake,
    tryPath: flags.try,
    logger,
    env: process.env,
  };
}

/** Milliseconds: the terminal and npm both pass on the same Ctrl-C. */
const ONE_PRESS = 500;

/** The first SIGINT, SIGTERM or SIGHUP, or that nobody looks any more, stops the engine; the next signal does not let traffic end. */
function signals(): { readonly stopped: Promise<void>; readonly hurry: AbortSignal } {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  const hurry = new AbortController();
  let first: number | undefined;
  const stop = () => {
    first ??= performance.now();
    if (performance.now() - first > ONE_PRESS) hurry.abort();
    resolve();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  onReaderGone(resolve);
  return { stopped, hurry: hurry.signal };
}
