import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { prepare } from "./prepare.ts";
import report from "./reporter.ts";
import { runFiles } from "./run-files.ts";

// All tests that need no cluster: `npm run test:all`, or `npm run test:all -- <files>`.

const ROOT = join(import.meta.dirname, "..", "..");

const ALL = [
  "{packages,services,apps}/*/test/**/*.test.ts",
  "{conformance,tools}/test/**/*.test.ts",
  "tools/{cluster,code-host}/test/**/*.test.ts",
  "e2e/*.test.ts",
  "e2e/browser/*.test.ts",
];

function filesOf(chosen: readonly string[]): string[] {
  if (chosen.length > 0) return chosen.map((file) => resolve(file));
  return globSync(ALL, { cwd: ROOT })
    .sort()
    .map((file) => join(ROOT, file));
}

const chosen = process.argv.slice(2);
if (chosen.length === 0) await prepare((line) => process.stderr.write(`tests: ${line}\n`));
const result = await runFiles(filesOf(chosen), {
  // Most of a file's time is spent waiting for processes that start and end, and each file starts many.
  atOnce: availableParallelism() < 4 ? 2 : 3,
  testMinutes: 5,
  fileMinutes: 10,
  reporter: report,
});
process.exitCode = result === "passed" ? 0 : 1;
