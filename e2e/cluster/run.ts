import { readdir } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { PerchError } from "@perch/core";
import { runFiles, type SuiteResult } from "../../tools/suite/run-files.ts";
import { openCluster } from "./support/cluster/index.ts";
import reportStories from "./support/story-reporter.ts";
import { openEnvironment } from "./support/suite.ts";

// Every story on one cluster: `npm run e2e`, or `npm run e2e -- <files>`. Stories have pull requests and namespaces of their own,
// so most run side by side; what breaks the cluster for all is in `alone/`.

const HERE = import.meta.dirname;

/** Waits four minutes, and so begins first. */
const FIRST = "late.test.ts";
/** Keeps every core busy, and so begins last. */
const LAST = "many.test.ts";

async function main(chosen: readonly string[]): Promise<boolean> {
  const cluster = await openCluster((line) => process.stderr.write(`# ${line}\n`));
  const environment = await openEnvironment(cluster);
  try {
    const files = chosen.length > 0 ? chosen.map((file) => resolve(file)) : await allStories();
    const alone = files.filter((file) => relative(HERE, file).startsWith("alone"));
    const beside = files.filter((file) => !alone.includes(file));
    const besideEnded = await runStories(inOrder(beside));
    const aloneEnded = besideEnded === "interrupted" ? besideEnded : await runStories(alone, 1);
    return besideEnded === "passed" && aloneEnded === "passed";
  } finally {
    await environment.close();
    await cluster.close();
  }
}

async function allStories(): Promise<string[]> {
  const names = await readdir(HERE, { recursive: true });
  return names.filter((name) => name.endsWith(".test.ts")).map((name) => join(HERE, name));
}

function inOrder(files: readonly string[]): string[] {
  const place = (file: string) => (basename(file) === FIRST ? 0 : basename(file) === LAST ? 2 : 1);
  return files.toSorted((a, b) => place(a) - place(b) || a.localeCompare(b));
}

function runStories(files: readonly string[], atOnce?: number): Promise<SuiteResult> {
  return runFiles(files, {
    ...(atOnce !== undefined && { atOnce }),
    testMinutes: 20,
    fileMinutes: 25,
    reporter: reportStories,
  });
}

try {
  if (!(await main(process.argv.slice(2)))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof PerchError)) throw error;
  process.stderr.write(`${error.message}\n${error.hint}\n`);
  process.exitCode = 1;
}
