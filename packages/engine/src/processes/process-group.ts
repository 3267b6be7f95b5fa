import { setTimeout as sleep } from "node:timers/promises";
import { processTable } from "./process-table.ts";

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
 * Ends a whole process group: SIGTERM, then SIGKILL for what is left after the grace. It never rejects.
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

/** Milliseconds of waiting after which a group that still exists is looked at more closely, and between such looks. */
const LOOK_CLOSER = 1_000;

async function gone(pgid: number, within: number): Promise<boolean> {
  const began = performance.now();
  let closer = began + LOOK_CLOSER;
  for (;;) {
    if (!groupExists(pgid)) return true;
    const now = performance.now();
    if (now >= closer) {
      closer = now + LOOK_CLOSER;
      if (!(await hasLivingMember(pgid))) return true;
    }
    if (now - began >= within) return false;
    await sleep(POLL);
  }
}

/**
 * Whether a group may have a member that is no zombie. A process that outlived its engine has another parent, which may never
 * ask how it ended; only Linux shows that. Where it cannot be seen, one may live: SIGKILL harms no zombie.
 */
async function hasLivingMember(pgid: number): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const processes = await processTable().catch(() => undefined);
  if (processes === undefined) return true;
  return processes.some(({ group, state }) => group === pgid && state !== "Z" && state !== "X");
}
