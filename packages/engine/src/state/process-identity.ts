import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { unlessExhausted } from "../processes/process-table.ts";

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and start time as the operating system tells them; only compared, never read as a date. */
  readonly startTime: string;
}

/** The identity of a running process; `undefined` when there is none of that number. @throws Error when the machine has no room to look */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const startTime = process.platform === "linux" ? await linuxStartTime(pid) : await psStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Whether exactly this process still runs. @throws Error when the machine has no room to look */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identifyProcess(identity.pid);
  return now?.startTime === identity.startTime;
}

/** Names this run of the operating system; `undefined` where it has no name. What was written before a power cut may be half a file. */
export function bootId(): Promise<string | undefined> {
  boot ??= readFile("/proc/sys/kernel/random/boot_id", "utf8").then(
    (text) => text.trim(),
    () => undefined,
  );
  return boot;
}

let boot: Promise<string | undefined> | undefined;

/**
 * Field 22 of /proc/<pid>/stat, proc(5): ticks since the boot, which is therefore named too. The command's name in
 * field 2 may itself hold spaces and brackets.
 */
async function linuxStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(unlessExhausted);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const isZombie = fields[0] === "Z";
  return isZombie ? undefined : `${await bootId()}/${fields[19]}`;
}

async function psStartTime(pid: number): Promise<string | undefined> {
  const result = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]).catch(
    (error: { code?: unknown }) => {
      // It ended with a number: there is no such process.
      if (typeof error.code === "number") return undefined;
      throw error;
    },
  );
  return result?.stdout.trim() || undefined;
}
