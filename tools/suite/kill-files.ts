import { execFile } from "node:child_process";
import { promisify } from "node:util";

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/**
 * Kills the processes in which this one runs test files, and all that they started. By SIGKILL: what a test does with any other
 * signal is its own affair.
 * @throws where the machine's processes cannot be listed
 */
export async function killFiles(files: readonly string[]): Promise<void> {
  const table = await processes();
  const roots = table.filter(
    ({ parent, command }) => parent === process.pid && files.some((file) => command.includes(file)),
  );
  for (const { pid } of roots.flatMap((root) => [root, ...descendants(root.pid, table)])) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
}

async function processes(): Promise<Process[]> {
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)("ps", ["-A", "-ww", "-o", "pid=,ppid=,args="], options);
  return [...stdout.matchAll(/^[ ]*(\d+)[ ]+(\d+)[ ]+(.*)$/gm)].map(([, pid, parent, command = ""]) => ({
    pid: Number(pid),
    parent: Number(parent),
    command,
  }));
}

function descendants(pid: number, table: readonly Process[]): Process[] {
  const children = table.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendants(child.pid, table)]);
}
