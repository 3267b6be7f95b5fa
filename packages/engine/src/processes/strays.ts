import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { allPids, lookAt, unlessExhausted } from "./process-table.ts";

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
 * (/proc/<pid>/environ, proc(5)); elsewhere there are none to find, and process groups alone are ended. The mark is a claim that any
 * process may make: it is enough to end who makes it, and says nothing of others.
 * @throws Error when the machine has no room to look
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
    scanning = scan.catch(() => undefined);
    return scan;
  });
  return next;
}

async function scanProcesses(): Promise<OwnedProcess[]> {
  const pids = await allPids();
  return lookAt(
    pids.filter((pid) => pid !== process.pid),
    ownerOf,
  );
}

/** Only a whole variable counts: a path that was cut is somebody else's. */
const MARK = new RegExp(`(?:^|\\0)${OWNER}=([^\\0]*)\\0`);

/**
 * What a process was started for; `undefined` when it is not the engine's, or somebody else's to look at.
 * @throws Error when the machine has no room to look
 */
export async function ownerOf(pid: number): Promise<OwnedProcess | undefined> {
  const environment = await beginningOf(`/proc/${pid}/environ`).catch(unlessExhausted);
  const owner = MARK.exec(environment ?? "")?.[1];
  return owner === undefined ? undefined : { pid, owner };
}

/** Bytes of an environment that are read: who starts a process decides how large it is, and thousands may share one of megabytes. */
const MOST_READ = 64 * 1024;

async function beginningOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(MOST_READ), 0, MOST_READ, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Milliseconds between two looks, and for how long they go on after SIGTERM and after each SIGKILL. */
const PAUSE = 50;
const ROUND = 1_000;
/**
 * What forks faster than it is found is killed again and again, but not for ever: another pull request's processes may bear this
 * mark, so many that a look takes long, and must not hold up whose mark it is.
 */
const ROUNDS = 5;

/**
 * Ends what works for a folder, whatever process group it has put itself into.
 * @param spare says of which folder processes are left alone.
 * @returns how many there were.
 * @throws Error when the machine has no room to look
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
    const until = performance.now() + ROUND;
    while (left.length > 0 && performance.now() < until) {
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
