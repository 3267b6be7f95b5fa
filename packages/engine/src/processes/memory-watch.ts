import { readFile } from "node:fs/promises";
import { relative, sep } from "node:path";
import type { Quotas, QuotasOptions } from "./quotas.ts";
import { type OwnedProcess, ownedProcesses } from "./strays.ts";

/** Milliseconds between two looks: what takes memory faster than that is the kernel's to end. */
const INTERVAL = 2_000;

/**
 * Ends the processes of a canary that together have more memory than its quota, where there are no control groups. It needs no
 * right that the engine's user does not have, but it only looks now and then, and holds neither CPU time nor the number of
 * processes. Linux only (proc(5)).
 */
export function watchMemory(
  { instances, quota, logger }: Pick<QuotasOptions, "instances" | "quota" | "logger">,
  interval = INTERVAL,
): Quotas {
  const ended = new Set<string>();
  /** Instances that are held; stable is none of them. */
  const held = new Set<string>();

  async function look(): Promise<void> {
    if (held.size === 0) return;
    const byInstance = Map.groupBy(await ownedProcesses(instances), ({ owner }) => idOf(instances, owner));
    for (const [id, processes] of byInstance) {
      if (!held.has(id)) continue;
      const memory = await memoryOf(processes);
      if (memory <= quota.memory) continue;
      logger.warn({ instance: id, memory, quota: quota.memory }, "ended: more memory than its quota");
      ended.add(id);
      for (const { pid } of processes) kill(pid);
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
    of: async (id) => {
      held.add(id);
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

/** The instance that a process was started for. */
function idOf(instances: string, owner: string): string {
  return relative(instances, owner).split(sep)[0] ?? "";
}

/** Bytes that are theirs alone: pages of programs and libraries are shared. */
async function memoryOf(processes: readonly OwnedProcess[]): Promise<number> {
  const sizes = processes.map(async ({ pid }) => {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}
