import { spawn } from "node:child_process";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PerchError, type Status } from "@perch/core";
import { readEngineRecord } from "@perch/engine/state";
import { connectEngine, type EngineClient } from "../engine-client.ts";
import { describeChanges } from "../output/changes.ts";
import { EXIT } from "../output/error.ts";
import { renderStatus } from "../output/render-status.ts";

/**
 * Starts the engine as a process of its own, and returns when nothing is on its way any more. The engine stays when
 * a canary failed: that is for its author to mend.
 */
export async function upDetached(stateDir: string): Promise<void> {
  const holder = await readEngineRecord(stateDir);
  if (holder !== undefined) process.stdout.write(`Engine ${holder.pid} runs already.\n`);
  const engine = holder === undefined ? await launch(stateDir) : await whenItListens(stateDir);
  process.once("SIGINT", leave);
  const status = await untilSettled(engine);
  process.stdout.write(`\n${renderStatus(status, { now: Date.now() })}\n`);
  process.stdout.write(`It runs in the background: ${HOW_TO_REACH}\n`);
  const stableFailed = status.services.some(({ stable }) => stable.state !== "ready");
  process.exitCode = stableFailed ? EXIT.failed : EXIT.ok;
}

/** In the repository itself nobody has installed the command. */
const perch = process.env.npm_lifecycle_event === undefined ? "perch" : "npx perch";
const HOW_TO_REACH = `\`${perch} status\` shows it, \`${perch} down\` ends it.`;

/** Ctrl-C ends the waiting; the engine is a process of its own. */
function leave(): void {
  process.stdout.write(`\nNot waiting any longer. It goes on in the background: ${HOW_TO_REACH}\n`);
  process.exit(130);
}

/** An engine that somebody else starts just now has no status API yet. */
async function whenItListens(stateDir: string): Promise<EngineClient> {
  for (;;) {
    const record = await readEngineRecord(stateDir);
    if (record === undefined || record.statusUrl !== undefined) return connectEngine(stateDir);
    await sleep(50);
  }
}

async function launch(stateDir: string): Promise<EngineClient> {
  await mkdir(stateDir, { recursive: true });
  const path = join(stateDir, "engine.out");
  await rm(path, { force: true });
  const output = await open(path, "a");
  const [program = "", ...args] = process.argv.slice(1).filter((arg) => arg !== "--detach" && arg !== "-d");
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    detached: true,
    stdio: ["ignore", output.fd, output.fd],
  });
  await output.close();
  let code: number | null | undefined;
  child.once("exit", (exitCode) => {
    code = exitCode;
  });
  while (code === undefined) {
    const record = await readEngineRecord(stateDir);
    if (record?.pid === child.pid && record?.statusUrl !== undefined) {
      child.unref();
      return connectEngine(stateDir);
    }
    await sleep(50);
  }
  // Another one was a moment faster: then it is that one.
  if ((await readEngineRecord(stateDir)) !== undefined) return whenItListens(stateDir);
  throw await couldNotStart(path);
}

/** What the engine said before it ended is the error; it is printed as it is. */
async function couldNotStart(path: string): Promise<PerchError> {
  const said = (await readFile(path, "utf8")).trim();
  return new PerchError({
    code: "ENGINE_NOT_RUNNING",
    message: `The engine could not start:\n${said}`,
    hint: "Mend that and try again.",
    fault: "user",
  });
}

async function untilSettled(engine: EngineClient): Promise<Status> {
  let before: Status | undefined;
  for await (const status of engine.statuses()) {
    for (const line of describeChanges(before, status)) process.stdout.write(`${line}\n`);
    if (status.settled) return status;
    before = status;
  }
  throw new PerchError({
    code: "ENGINE_NOT_RUNNING",
    message: "The engine ended before all was ready.",
    hint: "Its last words are in engine.out and engine.log in the state folder.",
    fault: "environment",
  });
}
