import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";
import { styleText } from "node:util";
import { fileClock } from "./file-clock.ts";
import { killFiles } from "./kill-files.ts";

const PROCESS = join(import.meta.dirname, "process.ts");
const MINUTE = 60_000;

/** A file waits for processes most of its time, and starts many: more at once would not end sooner. */
const AT_ONCE = availableParallelism() < 4 ? 2 : 3;

/** How files are run. */
export interface SuiteOptions {
  /** Files that run side by side; by default as many as this machine does well. */
  readonly atOnce?: number;
  /** Minutes that one test may take, or one hook. */
  readonly testMinutes: number;
  /** Minutes that one file may take; its process, and what that started, is killed then. */
  readonly fileMinutes: number;
  readonly reporter: (source: AsyncIterable<TestEvent>) => AsyncGenerator<string>;
}

/** What became of a run: `interrupted`, not all files were run. */
export type SuiteResult = "passed" | "failed" | "interrupted";

/**
 * Runs test files, each in a process of its own, and writes what the reporter makes of it to standard output.
 *
 * No file can hold up the run for ever: one that does not end is killed and counts as failed, and where even that does not end
 * it, the run is given up. On SIGINT and SIGTERM it is said which files were running and which took longest, and they are killed.
 */
export async function runFiles(files: readonly string[], options: SuiteOptions): Promise<SuiteResult> {
  if (files.length === 0) return "passed";
  const stop = new AbortController();
  const failed = new Set<string>();
  let isStopping = false;
  const clock = fileClock(options.fileMinutes * MINUTE, {
    onBound(file) {
      process.stdout.write(`${styleText("red", "✗")} ${relative("", file)} did not end in time: killed\n`);
      void killFiles([file]).catch(sayNotKilled);
    },
    onNeverEnds: (file) => void interrupt(`${relative("", file)} could not be ended: given up`),
  });

  async function interrupt(why: string): Promise<void> {
    if (isStopping) return;
    isStopping = true;
    // What failed in a file is reported after all files before it, which may have been never.
    const failures = failed.size === 0 ? "" : `Failed so far: ${[...failed].join(", ")}\n`;
    process.stdout.write(
      `\n${styleText("red", why)} ${clock.runningText()}${clock.slowestText()}${failures}`,
    );
    await killFiles(clock.running()).catch(sayNotKilled);
    stop.abort();
  }
  // Both may come twice: from the terminal, and from whoever started this.
  const onSignal = () => void interrupt("Interrupted");
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);

  const events = run({
    files: [...files],
    concurrency: options.atOnce ?? AT_ONCE,
    signal: stop.signal,
    execArgv: ["--test-force-exit", `--test-timeout=${options.testMinutes * MINUTE}`, "--import", PROCESS],
  });
  events.on("test:dequeue", ({ name, file }) => {
    if (file !== undefined && name === file) clock.begin(file);
  });
  events.on("test:complete", ({ name, file, details, ...data }) => {
    if (file === undefined || isStopping) return;
    if (!details.passed) failed.add(relative("", entryFile(data) ?? file));
    if (name === file) clock.end(file);
  });
  try {
    // What follows an interruption is that each of the others was not run.
    for await (const text of events.compose(options.reporter))
      if (!isStopping) process.stdout.write(text as string);
  } finally {
    clock.close();
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
  if (isStopping) return "interrupted";
  process.stdout.write(clock.slowestText());
  return failed.size === 0 ? "passed" : "failed";
}

/** The file that was run, where a test was declared in another. */
function entryFile(data: object): string | undefined {
  const { entryFile: path } = data as { readonly entryFile?: string };
  return path;
}

function sayNotKilled(error: Error): void {
  process.stdout.write(`Nothing could be killed: ${error.message}\n`);
}
