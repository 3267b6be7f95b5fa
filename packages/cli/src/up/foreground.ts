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
  const stopped = nextSignal();
  const logger = await openEngineLog(stateDir, flags.logLevel);
  const engine = await startEngine(await engineOptions(flags, project, stateDir, version, logger));
  const progress = showProgress(engine);
  await stopped;
  progress.stop();
  await close(engine);
}

async function close(engine: Engine): Promise<void> {
  process.stdout.write("\nStopping …\n");
  await engine.close();
  process.stdout.write("Stopped: nothing of it runs any more.\n");
}

async function engineOptions(
  flags: UpFlags,
  project: Project,
  stateDir: string,
  version: string,
  logger: EngineOptions["logger"],
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
    wakeTimeout: flags.wake,
    tryPath: flags.try,
    logger,
    env: process.env,
  };
}

/** The first SIGINT, SIGTERM or SIGHUP, or that nobody looks any more; later ones change nothing: the engine is stopping. */
function nextSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
  onReaderGone(resolve);
  return promise;
}
