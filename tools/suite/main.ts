import { existsSync, globSync } from "node:fs";
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

async function main(chosen: readonly string[]): Promise<boolean> {
  const absent = chosen.filter((file) => !existsSync(file));
  if (absent.length > 0) {
    process.stderr.write(
      `There is no test file ${absent.join(", ")}. Name files, or nothing for all of them.\n`,
    );
    return false;
  }
  if (chosen.length === 0) await prepare((line) => process.stderr.write(`tests: ${line}\n`));
  const files = chosen.length > 0 ? chosen.map((file) => resolve(file)) : allFiles();
  return (await runFiles(files, { testMinutes: 5, fileMinutes: 10, reporter: report })) === "passed";
}

function allFiles(): string[] {
  return globSync(ALL, { cwd: ROOT })
    .sort()
    .map((file) => join(ROOT, file));
}

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
