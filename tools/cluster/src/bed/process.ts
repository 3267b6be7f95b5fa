import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PerchError } from "@perch/core";
import { execa } from "execa";
import type { Layout } from "./layout.ts";
import { startTime } from "./process-identity.ts";

/** A process of the bed: what runs, where, and how it shows that it is ready. */
export interface ProcessSpec {
  readonly name: string;
  /** Network namespace; undefined: the host's. */
  readonly network: string | undefined;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** A command, run in the same network, that ends with 0 once the process is ready. */
  readonly ready: readonly [string, ...string[]];
  readonly readyWithinSeconds: number;
}

const POLL_MS = 100;
const GRACE_MS = 15_000;

/** Puts a command into a network namespace. nsenter replaces itself by the command, so the process id is the command's. */
export function within(network: string | undefined, command: readonly string[]): [string, ...string[]] {
  const [program = "true", ...args] = command;
  return network === undefined
    ? [program, ...args]
    : ["nsenter", `--net=/run/netns/${network}`, program, ...args];
}

/** Starts the process unless it runs, and waits until it is ready. Throws START_TIMEOUT or EXITED with the end of its log. */
export async function ensureProcess(layout: Layout, spec: ProcessSpec): Promise<void> {
  if (!(await isRunning(layout, spec.name))) await launch(layout, spec);
  const [program, ...args] = within(spec.network, spec.ready);
  const deadline = Date.now() + spec.readyWithinSeconds * 1000;
  for (;;) {
    const { failed } = await execa(program, args, { reject: false, timeout: 5_000, stdin: "ignore" });
    if (!failed) return;
    if (!(await isRunning(layout, spec.name))) throw await notReady(layout, spec, "EXITED");
    if (Date.now() > deadline) throw await notReady(layout, spec, "START_TIMEOUT");
    await sleep(POLL_MS);
  }
}

/** Whether the recorded process still runs: same number and same start time. */
export async function isRunning(layout: Layout, name: string): Promise<boolean> {
  return (await recorded(layout, name)) !== undefined;
}

/** Ends a process: SIGTERM, SIGKILL after a grace in milliseconds. Nothing happens if it does not run. */
export async function endProcess(layout: Layout, name: string, grace = GRACE_MS): Promise<void> {
  const pid = await recorded(layout, name);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    const deadline = Date.now() + grace;
    while ((await isRunning(layout, name)) && Date.now() < deadline) await sleep(POLL_MS / 2);
    if (await isRunning(layout, name)) process.kill(pid, "SIGKILL");
    while (await isRunning(layout, name)) await sleep(POLL_MS / 2);
  }
  await rm(join(layout.records, name), { force: true });
}

async function launch(layout: Layout, spec: ProcessSpec): Promise<void> {
  await mkdir(layout.logs, { recursive: true });
  await mkdir(layout.records, { recursive: true });
  const [program, ...args] = within(spec.network, spec.command);
  const log = openSync(logOf(layout, spec.name), "a");
  const child = spawn(program, args, {
    cwd: layout.state,
    // a session of its own: it outlives this command, and Ctrl-C does not reach it
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...environmentOf(layout), ...spec.env },
  });
  closeSync(log);
  child.on("error", () => undefined);
  child.unref();
  if (child.pid === undefined) throw await notReady(layout, spec, "EXITED");
  const started = await startTime(child.pid);
  await writeFile(join(layout.records, spec.name), `${child.pid} ${started}\n`);
}

/** Of this command's environment only what programs need to run: no token of its user reaches the bed. */
function environmentOf(layout: Layout): Record<string, string> {
  const kept = ["LANG", "LC_ALL", "TZ", "JAVA_HOME"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    PATH: `${layout.bin}:${process.env.PATH}`,
    HOME: layout.state,
    PERCH_BED: layout.bed,
  };
}

async function recorded(layout: Layout, name: string): Promise<number | undefined> {
  const text = await readFile(join(layout.records, name), "utf8").catch(() => "");
  const [pid, started] = text.trim().split(" ");
  if (pid === undefined || started === undefined) return undefined;
  return (await startTime(Number(pid))) === started ? Number(pid) : undefined;
}

function logOf(layout: Layout, name: string): string {
  return join(layout.logs, `${name}.log`);
}

async function notReady(
  layout: Layout,
  spec: ProcessSpec,
  code: "EXITED" | "START_TIMEOUT",
): Promise<PerchError> {
  const log = await readFile(logOf(layout, spec.name), "utf8").catch(() => "");
  const tail = log.trimEnd().split("\n").slice(-15).join("\n");
  const what = code === "EXITED" ? "ended" : `was not ready within ${spec.readyWithinSeconds} s`;
  return new PerchError({
    code,
    message: `${spec.name} ${what}. The end of ${logOf(layout, spec.name)}:\n${tail}`,
    hint: "Run `make cluster` again: what runs is kept, the rest is started. `make cluster-down` removes everything.",
    fault: "environment",
  });
}
