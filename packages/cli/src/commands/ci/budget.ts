import { apiBudget, type BudgetLine, type TokenBudget } from "@perch/core";
import { Command, InvalidArgumentError } from "commander";
import { writeOutputs } from "../../ci/output.ts";
import { configOption, jsonOption } from "../../options.ts";
import { EXIT } from "../../output/error.ts";
import { findProject, readConfig } from "../../project.ts";

interface Flags {
  readonly config?: string;
  readonly json?: boolean;
  readonly open?: number;
  readonly events: number;
  readonly pushes: number;
  readonly limit: number;
}

export function budgetCommand(): Command {
  return new Command("budget")
    .description("GitHub API requests an hour of this configuration, against the limits of its tokens.")
    .addOption(configOption())
    .option("--open <number>", "open pull requests of a repository (default: canary.maxOpen)", count)
    .option("--events <number>", "pull_request webhooks of a repository to Argo CD, an hour", count, 60)
    .option("--pushes <number>", "pushes to pull requests of a repository, an hour", count, 20)
    .option(
      "--limit <number>",
      "requests that Argo CD's token may make, an hour: 5000, or 15000",
      count,
      5_000,
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Exit code 1 when a token's limit would be exceeded.

Example:
  perch ci budget --open 250 --events 400`,
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const config = await readConfig(await findProject(flags.config));
  const traffic = { open: flags.open ?? config.canary.maxOpen, events: flags.events, pushes: flags.pushes };
  const { lines, tokens } = apiBudget(config, traffic, flags.limit);
  const worst = tokens.reduce((a, b) => (b.requests / b.limit > a.requests / a.limit ? b : a));
  await writeOutputs(
    { requests: worst.requests, limit: worst.limit, tokens, lines },
    { json: flags.json, text: `${lines.map(lineText).join("")}\n${tokens.map(tokenText).join("")}` },
  );
  if (tokens.some(({ level }) => level === "over")) process.exitCode = EXIT.failed;
}

function lineText({ token, what, requests }: BudgetLine): string {
  return `${String(requests).padStart(7)}  ${token}  ${what}\n`;
}

const ADVICE = {
  ok: "",
  near: " (warning: four fifths and more)",
  over: " (too many: use a GitHub App, whose limit is higher, or fewer repositories to a token)",
};

function tokenText({ token, requests, limit, level }: TokenBudget): string {
  return `${String(requests).padStart(7)}  of ${limit} an hour: ${token}${ADVICE[level]}\n`;
}

function count(value: string): number {
  if (/^\d{1,7}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It must be a number from 0 to 9999999.");
}
