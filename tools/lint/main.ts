import { glob } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { lintTools } from "./toolbox.ts";

// Workflows, Dockerfiles and the compose file against linters that know them: `npm run check:workflows`.

const CHECKOUT = join(import.meta.dirname, "..", "..");

async function main(): Promise<void> {
  const bin = await lintTools((line) => process.stderr.write(`${line}\n`));
  const results = await Promise.all((await commands()).map((command) => run(bin, command)));
  for (const { name, failed, output } of results) {
    if (failed) process.stderr.write(`${name} has found:\n${output}\n`);
  }
  if (results.some(({ failed }) => failed)) process.exitCode = 1;
}

type LintCommand = readonly [name: string, ...args: string[]];

async function commands(): Promise<LintCommand[]> {
  const dockerfiles = await found("{services/*,conformance}/Dockerfile");
  return [
    ["actionlint", ...(await found(".github/workflows/*.yml"))],
    // Offline: what it could ask GitHub, whether a commit is a tag's, is in the review of a pin.
    ["zizmor", "--offline", "--quiet", "--persona=pedantic", "--min-severity=low", ".github"],
    ["hadolint", ...dockerfiles],
    ["compose-go", ...(await found("docker-compose.yml"))],
  ];
}

/** @throws Error where a pattern finds nothing: a check of no file passes, whatever is in it */
async function found(pattern: string): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: CHECKOUT })) files.push(file);
  if (files.length === 0) throw new Error(`There is no ${pattern} to check.`);
  return files.sort();
}

async function run(bin: string, [name, ...args]: LintCommand) {
  const { failed, all } = await execa(join(bin, name), args, {
    cwd: CHECKOUT,
    // actionlint finds shellcheck there.
    env: { PATH: `${bin}:${process.env.PATH}` },
    all: true,
    reject: false,
    stdin: "ignore",
  });
  return { name, failed, output: all };
}

await main();
