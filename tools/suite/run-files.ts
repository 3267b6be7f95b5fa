import { execFile } from "node:child_process";
import { join, relative } from "node:path";
import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";
import { promisify, styleText } from "node:util";

const PROCESS = join(import.meta.dirname, "process.ts");
const MINUTE = 60_000;
const SLOWEST = 5;

export interface SuiteOptions {
  /** Files that run side by side. */
  readonly atOnce: number;
  /** Minutes that one test may take, or one hook. */
  readonly testMinutes: number;
  /** Minutes that one file may take; its process, and what that started, is killed then. */
  readonly fileMinutes: number;
  readonly reporter: (source: AsyncIterable<TestEvent>) => AsyncGenerator<string>;
}

/** What became of a run: `interrupted` by SIGINT or SIGTERM, not all files were run. */
export type SuiteResult = "passed" | "failed" | "interrupted";

/**
 * Runs test files, each in a process of its own, and writes what the reporter makes of it to standard output.
 *
 * No file can hold up the run for ever: one that does not end is killed and counts as failed, and on SIGINT and SIGTERM it is
 * said which files were running and which took longest.
 */
export async function runFiles(files: readonly string[], options: SuiteOptions): Promise<SuiteResult> {
  if (files.length === 0) return "passed";
  const interruption = new AbortController();
  const clock = fileClock(options.fileMinutes * MINUTE);
  const failed = new Set<string>();
  const interrupt = () => {
    // What failed in a file is reported after all files before it, which may have been never.
    const failures = failed.size === 0 ? "" : `Failed so far: ${[...failed].join(", ")}\n`;
    process.stdout.write(`${clock.interruptedText()}${failures}`);
    interruption.abort();
    for (const file of clock.running()) void killFile(file);
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const events = run({
    files: [...files],
    concurrency: options.atOnce,
    signal: interruption.signal,
    execArgv: ["--test-force-exit", `--test-timeout=${options.testMinutes * MINUTE}`, "--import", PROCESS],
  });
  events.on("test:dequeue", ({ name, file }) => {
    if (file !== undefined && name === file) clock.begin(file);
  });
  events.on("test:complete", ({ name, file, details, ...data }) => {
    if (file === undefined) return;
    if (!details.passed) failed.add(relative("", entryFile(data) ?? file));
    if (name === file) clock.end(file);
  });
  try {
    for await (const text of events.compose(options.reporter)) {
      // What follows is that each of the others was not run.
      if (!interruption.signal.aborted) process.stdout.write(text as string);
    }
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
  if (interruption.signal.aborted) return "interrupted";
  process.stdout.write(clock.slowestText());
  return failed.size === 0 ? "passed" : "failed";
}

/** How long files take; `bound` milliseconds at most. */
function fileClock(bound: number) {
  const running = new Map<string, { since: number; timer: NodeJS.Timeout }>();
  const took = new Map<string, number>();
  const slowestText = () => {
    const slowest = [...took].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
    return slowest.length === 0 ? "" : `Slowest: ${slowest.map(timeText).join(", ")}\n`;
  };
  return {
    begin(file: string) {
      const timer = setTimeout(() => {
        process.stdout.write(`${styleText("red", "✗")} ${relative("", file)} did not end in time; killed\n`);
        void killFile(file);
      }, bound);
      running.set(file, { since: performance.now(), timer });
    },
    end(file: string) {
      const one = running.get(file);
      if (one === undefined) return;
      clearTimeout(one.timer);
      running.delete(file);
      took.set(file, performance.now() - one.since);
    },
    running: () => [...running.keys()],
    slowestText,
    interruptedText() {
      const now = performance.now();
      const held = [...running].map(([file, { since }]) => timeText([file, now - since]));
      return `\n${styleText("red", "Interrupted")} after ${took.size} files; running: ${held.join(", ")}\n${slowestText()}`;
    },
  };
}

function timeText([file, milliseconds]: [file: string, milliseconds: number]): string {
  return `${relative("", file)} ${(milliseconds / 1000).toFixed(1)} s`;
}

/** The file that was run, where a test was declared in another. */
function entryFile(data: object): string | undefined {
  const { entryFile: path } = data as { readonly entryFile?: string };
  return path;
}

/** SIGKILL: a process of `node:test` handles the other signals, and a loop never lets it. */
async function killFile(file: string): Promise<void> {
  const table = await processes();
  const roots = table.filter(({ parent, command }) => parent === process.pid && command.includes(file));
  for (const { pid } of roots.flatMap((root) => [root, ...descendants(root.pid, table)])) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Empty where they cannot be listed. */
async function processes(): Promise<Process[]> {
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const listed = promisify(execFile)("ps", ["-A", "-ww", "-o", "pid=,ppid=,args="], options);
  const { stdout } = await listed.catch(() => ({ stdout: "" }));
  return [...stdout.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)].map(([, pid, parent, command = ""]) => ({
    pid: Number(pid),
    parent: Number(parent),
    command,
  }));
}

function descendants(pid: number, table: readonly Process[]): Process[] {
  const children = table.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendants(child.pid, table)]);
}
