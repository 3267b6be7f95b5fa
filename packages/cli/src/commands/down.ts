import { setTimeout as sleep } from "node:timers/promises";
import { PerchError } from "@perch/core";
import { isAlive, type ProcessIdentity, readEngineRecord } from "@perch/engine/state";
import { Command } from "commander";
import { configOption, stateDirOption } from "../options.ts";
import { locateStateDir } from "../project.ts";

interface Flags {
  readonly config?: string;
  readonly stateDir?: string;
}

/** Milliseconds that an engine may take to end all that it started, where it does not say so: at its start. */
const PATIENCE = 60_000;
/** Milliseconds after which it is told what is waited for. */
const SLOW = 5_000;

export function downCommand(): Command {
  return new Command("down")
    .addOption(configOption())
    .addOption(stateDirOption())
    .addHelpText("after", "\nExample:\n  perch down")
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const stateDir = await locateStateDir(flags);
  const engine = await readEngineRecord(stateDir);
  if (engine === undefined) {
    process.stdout.write(`No engine runs on ${stateDir}.\n`);
    return;
  }
  process.stdout.write(`Stopping engine ${engine.pid} and all that it started …\n`);
  askToEnd(engine.pid);
  const patience = Math.max(PATIENCE, engine.stopTimeout ?? 0);
  const slow = setTimeout(() => {
    process.stdout.write(
      `It lets requests under way end, for ${Math.round(patience / 1000)} s at most; \`kill ${engine.pid}\` once more hurries it.\n`,
    );
  }, SLOW);
  const isOver = await ended(engine, patience).finally(() => clearTimeout(slow));
  if (!isOver) throw tooSlow(engine.pid, patience);
  process.stdout.write("Stopped.\n");
}

function askToEnd(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    // It ended by itself a moment ago: that is what was asked for.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function ended(engine: ProcessIdentity, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience;
  while (await isAlive(engine)) {
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

function tooSlow(pid: number, patience: number): PerchError {
  return new PerchError({
    code: "INTERNAL",
    message: `Engine ${pid} has not ended within ${Math.round(patience / 1000)} s.`,
    hint: `End it with \`kill -9 ${pid}\`; the next \`perch up\` ends what it leaves behind.`,
    fault: "perch",
  });
}
