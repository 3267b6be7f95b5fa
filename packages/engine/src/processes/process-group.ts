import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds between two looks at whether a group is gone; the operating system tells no one when a grandchild ends. */
const POLL = 20;

/** Whether any process of a group still runs. */
export function groupExists(pgid: number): boolean {
  return signalGroup(pgid, 0);
}

/** Sends a signal to every process of a group; false when there is none left. */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  // 0 is the sender's own group; a command that could not be started has this number.
  if (pgid <= 0) return false;
  try {
    process.kill(-pgid, signal);
    return true;
  } catch (error) {
    // EPERM: a member changed its user; it exists, and ending it is beyond us.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Ends a whole process group: SIGTERM, then SIGKILL for what is left after the grace.
 * @param grace milliseconds.
 * @returns whether SIGKILL was needed.
 */
export async function endGroup(pgid: number, grace: number): Promise<boolean> {
  if (!signalGroup(pgid, "SIGTERM")) return false;
  if (await gone(pgid, grace)) return false;
  signalGroup(pgid, "SIGKILL");
  await gone(pgid, 5_000);
  return true;
}

async function gone(pgid: number, within: number): Promise<boolean> {
  const deadline = performance.now() + within;
  while (groupExists(pgid)) {
    if (performance.now() >= deadline) return false;
    await sleep(POLL);
  }
  return true;
}
