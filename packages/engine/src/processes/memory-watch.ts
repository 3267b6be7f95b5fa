import { isAlive, type ProcessIdentity } from "../state/process-identity.ts";
import { memoryOf } from "./memory-use.ts";
import { type ProcessEntry, processTable } from "./process-table.ts";
import type { Quotas, QuotasOptions } from "./quotas.ts";

/** Milliseconds between two looks: what takes memory faster than that is the kernel's to end. */
const INTERVAL = 2_000;

/**
 * Ends the processes of a canary that together have more memory than its quota, where there are no control groups. It needs no
 * right that the engine's user does not have, but it only looks now and then, and holds neither CPU time nor the number of
 * processes. Linux only (proc(5)).
 */
export function watchMemory(
  { quota, logger }: Pick<QuotasOptions, "quota" | "logger">,
  interval = INTERVAL,
): Quotas {
  const ended = new Set<string>();
  /** Instances that are held, and what tells their leaders; stable is none of them. */
  const held = new Map<string, () => ProcessIdentity | undefined>();

  async function look(): Promise<void> {
    if (held.size === 0) return;
    const processes = await processTable();
    const children = Map.groupBy(processes, ({ parent }) => parent);
    for (const [id, leaderOf] of held) {
      const leader = leaderOf();
      // Its number may be somebody else's by now.
      if (leader === undefined || !(await isAlive(leader))) continue;
      const members = membersOf(leader.pid, processes, children);
      const memory = await memoryOf(members, quota.memory);
      if (memory <= quota.memory) continue;
      logger.warn({ instance: id, memory, quota: quota.memory }, "ended: more memory than its quota");
      ended.add(id);
      for (const pid of members) kill(pid);
    }
  }

  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking
      .then(look)
      .catch((error: unknown) => logger.warn({ err: error }, "memory was not looked at"));
  }, interval);
  timer.unref();
  return {
    kind: "memory, by looking",
    of: async (id, leader) => {
      held.set(id, leader);
      return [];
    },
    ranOutOfMemory: async (id) => ended.delete(id),
    remove: async (id) => {
      held.delete(id);
      ended.delete(id);
    },
    close: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

/**
 * The processes of a command: its leader's group, and all that descends from it. Nobody can claim to be one, and none that is in
 * the leader's PID namespace can cease to be: there, and in namespaces inside it, an orphan's parent is the namespace's first process
 * (pid_namespaces(7)). Without such a namespace an orphan that has left its group is none any more.
 */
function membersOf(
  leader: number,
  processes: readonly ProcessEntry[],
  children: ReadonlyMap<number, readonly ProcessEntry[]>,
): number[] {
  const members = new Set(processes.filter(({ group }) => group === leader).map(({ pid }) => pid));
  // It grows while it is walked.
  for (const member of members) for (const { pid } of children.get(member) ?? []) members.add(pid);
  return [...members];
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}
