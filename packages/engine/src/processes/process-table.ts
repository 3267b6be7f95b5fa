import { readdir, readFile } from "node:fs/promises";
import pLimit from "p-limit";

/** One process as /proc/<pid>/stat shows it to everybody (proc(5)). */
export interface ProcessEntry {
  readonly pid: number;
  /** A letter: `Z` and `X` are those that have ended. */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
}

/** All looks at processes together open so many files at once: a pull request may have thousands of processes. */
const limit = pLimit(8);

/** Looks at each of these, a few at a time; leaves out what there is nothing to tell of. */
export async function lookAt<I, T>(
  items: readonly I[],
  look: (item: I) => Promise<T | undefined>,
): Promise<T[]> {
  const found = await limit.map(items, look);
  return found.filter((one) => one !== undefined);
}

/** The numbers of all processes; none where the system does not show them. @throws Error when it has no room to look */
export async function allPids(): Promise<number[]> {
  const names = await readdir("/proc").catch(unlessExhausted);
  return (names ?? []).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** All processes. @throws Error when the system has no room to look */
export async function processTable(): Promise<ProcessEntry[]> {
  return lookAt(await allPids(), entryOf);
}

async function entryOf(pid: number): Promise<ProcessEntry | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(unlessExhausted);
  if (stat === undefined) return undefined;
  // The command's name in field 2 may itself hold spaces and brackets.
  const [state = "", parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid, state, parent: Number(parent), group: Number(group) };
}

/** Of these the machine has too few: that says nothing of what was looked for (errno(3)). */
const EXHAUSTED = new Set(["EMFILE", "ENFILE", "ENOMEM"]);

/** For a file of /proc that could not be read: `undefined` when the process has ended, or is somebody else's. @throws the error otherwise */
export function unlessExhausted(error: NodeJS.ErrnoException): undefined {
  if (EXHAUSTED.has(error.code ?? "")) throw error;
  return undefined;
}
