import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Environment variable of every process that the engine starts: the folder of the state folder that it works for. Children
 * inherit it, also those that leave their process group.
 */
export const OWNER = "PERCH_OWNER";

/** A process of the engine's, found by its environment. */
export interface OwnedProcess {
  readonly pid: number;
  /** Absolute path: what it was started for. */
  readonly owner: string;
}

/**
 * Every process that was started for a folder or one below it. Only Linux shows the environment of a process
 * (/proc/<pid>/environ, proc(5)); elsewhere there are none to find, and process groups alone are ended.
 */
export async function ownedProcesses(folder: string): Promise<OwnedProcess[]> {
  const owned = await nextScan();
  return owned.filter(({ owner }) => owner === folder || owner.startsWith(`${folder}/`));
}

let scanning: Promise<unknown> = Promise.resolve();
let next: Promise<OwnedProcess[]> | undefined;

/** One scan at a time: those that ask while one is under way share the next, which sees all that they know of. */
function nextScan(): Promise<OwnedProcess[]> {
  next ??= scanning.then(() => {
    next = undefined;
    const scan = scanProcesses();
    scanning = scan;
    return scan;
  });
  return next;
}

async function scanProcesses(): Promise<OwnedProcess[]> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const owned = await Promise.all(pids.filter((pid) => pid !== process.pid).map(ownerOf));
  return owned.filter((found) => found !== undefined);
}

/** What a process was started for; `undefined` when it is not the engine's, or somebody else's to look at. */
export async function ownerOf(pid: number): Promise<OwnedProcess | undefined> {
  const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  const line = environment.split("\0").find((variable) => variable.startsWith(`${OWNER}=`));
  return line === undefined ? undefined : { pid, owner: line.slice(OWNER.length + 1) };
}

/** Milliseconds between two looks, and how many of them come after SIGTERM and after each SIGKILL. */
const PAUSE = 50;
const LOOKS = 20;
/** What forks faster than it is found is killed again and again, but not for ever. */
const ROUNDS = 5;

/**
 * Ends what works for a folder, whatever process group it has put itself into.
 * @param spare says of which folder processes are left alone.
 * @returns how many there were.
 */
export async function endStrays(
  folder: string,
  spare: (owner: string) => boolean = () => false,
): Promise<number> {
  const look = async () => (await ownedProcesses(folder)).filter(({ owner }) => !spare(owner));
  let left = await look();
  const found = left.length;
  for (let round = 0; left.length > 0 && round <= ROUNDS; round += 1) {
    for (const { pid } of left) signal(pid, round === 0 ? "SIGTERM" : "SIGKILL");
    for (let i = 0; i < LOOKS && left.length > 0; i += 1) {
      await sleep(PAUSE);
      left = await look();
    }
  }
  return found;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile, or changed its user; the next look shows which.
  }
}
