import { readdirSync, readFileSync } from "node:fs";

/**
 * Whether any process of a group still runs. A zombie does not: whose parent has died may stay one until the first process
 * of the machine asks for it (proc(5), /proc/<pid>/stat).
 */
export function groupLives(pgid: number): boolean {
  if (process.platform === "linux") return membersOf(pgid).some((state) => state !== "Z" && state !== "X");
  try {
    process.kill(-pgid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The state of each member. */
function membersOf(pgid: number): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = statOf(pid);
      const [state = "X", , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(group) === pgid ? [state] : [];
    });
}

/** Empty for a process that has ended meanwhile. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}

/** Milliseconds: a machine that does other work may need a minute for what takes a second. */
const PATIENCE = 60_000;

/** Looks again and again until what it looks for is there. */
export async function eventually<T>(look: () => Promise<T>): Promise<T> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
