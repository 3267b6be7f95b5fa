import { setPriority } from "node:os";
import { enter } from "./control-groups/enter.ts";
import type { Sandbox, SandboxedCommand } from "./sandbox.ts";

/** How a command of an instance is held. */
export interface Hold {
  readonly sandbox: Sandbox;
  /** The only folders that it may write to, where the sandbox holds that. */
  readonly writable: readonly string[];
  /** Files of the control groups that it enters. */
  readonly groups: readonly string[];
  /** Whether it is the first to end when the machine has no memory left: stable, the edge and the engine go on. */
  readonly firstToGo: boolean;
  /** Whether all else gets the processors first. */
  readonly yields: boolean;
}

/** What is added to the kernel's score of a process, of 1,000 (proc(5), oom_score_adj); anybody may raise their own. */
const SCORE = 500;
/** Of 19: an eighth of what others get. */
const NICE = 10;

/** `echo` is the shell's own: a pull request may have a program of this name on its PATH. Not there on other systems than Linux. */
const FIRST_TO_GO = `{ echo ${SCORE} > /proc/self/oom_score_adj; } 2>/dev/null || :`;
/** Each group of processes is a session, and Linux may weigh sessions against each other (sched(7), autogroup). */
const YIELD = `{ echo ${NICE} > /proc/self/autogroup; } 2>/dev/null || :`;

/** What to run in place of a shell command. */
export function heldCommand(command: string, hold: Hold): SandboxedCommand {
  const { program, args } = hold.sandbox.command(command, hold.writable);
  const steps = [...(hold.firstToGo ? [FIRST_TO_GO] : []), ...(hold.yields ? [YIELD] : [])];
  if (steps.length === 0) return enter({ program, args }, hold.groups);
  const script = `${steps.join("\n")}\nexec "$@"`;
  return enter({ program: "/bin/sh", args: ["-c", script, "sh", program, ...args] }, hold.groups);
}

/** To be called when it has just been started: what it starts itself is as it is. */
export function lowerPriority(pid: number): void {
  try {
    setPriority(pid, NICE);
  } catch {
    // It has ended already, or the system does not let anybody yield.
  }
}
