import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, type ProcessIdentity } from "../state/process-identity.ts";
import { type Hold, heldCommand, lowerPriority } from "./hold.ts";
import type { InstanceLog } from "./log.ts";
import { endGroup } from "./process-group.ts";

export interface CommandOptions {
  /** A shell command, as in `perch.yaml`. */
  readonly command: string;
  /** Absolute path. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: InstanceLog;
  /** How it is held; absent: not at all. */
  readonly held?: Hold;
}

/** A command's process group, from its start to its end. */
export interface RunningCommand {
  /** Of the group and of its leader. */
  readonly pid: number;
  /** Settles when the leader ends, or could not be started. */
  readonly exited: Promise<Exit>;
}

export type Exit =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: NodeJS.Signals }
  | { readonly kind: "not-started"; readonly error: Error }
  /** It was started by an earlier engine: the system tells only its parent how it ended. */
  | { readonly kind: "unseen" };

/** Starts a command as the leader of a process group of its own, so that its children can be ended with it. */
export function startCommand(options: CommandOptions): RunningCommand {
  const { command, cwd, env, log, held } = options;
  const shell = { program: "/bin/sh", args: ["-c", command] };
  const { program, args } = held === undefined ? shell : heldCommand(command, held);
  const child = spawn(program, [...args], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  if (held?.yields === true && child.pid !== undefined) lowerPriority(child.pid);
  return { pid: child.pid ?? 0, exited: exitOf(child) };
}

/** Milliseconds between two looks at whether an adopted process still runs. */
const LOOK = 100;

/** Goes on with a process that an earlier engine started. */
export function adoptCommand(identity: ProcessIdentity): RunningCommand {
  const exited = async (): Promise<Exit> => {
    // Where the machine has no room to look, it may live.
    while (await isAlive(identity).catch(() => true)) await sleep(LOOK, undefined, { ref: false });
    return { kind: "unseen" };
  };
  return { pid: identity.pid, exited: exited() };
}

/**
 * Runs a command to its end; an abort ends its whole group.
 * @param onStart told the group's number before anything else happens.
 */
export async function runCommand(
  options: CommandOptions,
  signal: AbortSignal,
  onStart: (pid: number) => Promise<void>,
): Promise<Exit> {
  signal.throwIfAborted();
  const { pid, exited } = startCommand(options);
  const stop = () => void endGroup(pid, 2_000);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await onStart(pid);
    await exited;
  } finally {
    signal.removeEventListener("abort", stop);
    // What the command left behind in the background ends with it.
    await endGroup(pid, 2_000);
  }
  const exit = await exited;
  signal.throwIfAborted();
  return exit;
}

/** An exit in words: `exit code 3`, `signal SIGKILL`, `exit code 137 (SIGKILL)` where a shell has told. */
export function describeExit(exit: Exit): string {
  if (exit.kind === "exit") return `exit code ${exit.code}${toldByShell(exit.code)}`;
  if (exit.kind === "unseen") return "an exit that nobody saw";
  return exit.kind === "signal" ? `signal ${exit.signal}` : exit.error.message;
}

/** A shell whose command was ended by a signal ends with 128 and the signal's number. */
function toldByShell(code: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name === undefined ? "" : ` (${name})`;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ kind: "not-started", error }));
    child.once("exit", (code, signal) =>
      resolve(signal === null ? { kind: "exit", code: code ?? 0 } : { kind: "signal", signal }),
    );
  });
}
