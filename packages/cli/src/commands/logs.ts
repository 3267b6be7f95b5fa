import { Command } from "commander";
import { connectEngine } from "../engine-client.ts";
import { configOption, lineCount, pullRequestNumber, stateDirOption } from "../options.ts";
import { terminalStream } from "../output/terminal-text.ts";
import { locateStateDir } from "../project.ts";

interface Flags {
  readonly config?: string;
  readonly stateDir?: string;
  readonly pr?: number;
  readonly lines: number;
  readonly follow?: boolean;
}

export function logsCommand(): Command {
  return new Command("logs")
    .argument("<service>", "name of a service in perch.yaml")
    .option("--pr <number>", "its canary of this pull request; without it, stable", pullRequestNumber)
    .option("-n, --lines <number>", "how many of the last lines", lineCount, 100)
    .option("-f, --follow", "go on with what is added, over rolls and restarts, until Ctrl-C")
    .addOption(configOption())
    .addOption(stateDirOption())
    .addHelpText("after", "\nExamples:\n  perch logs api\n  perch logs store --pr 7 --follow")
    .action(run);
}

async function run(service: string, flags: Flags): Promise<void> {
  const engine = await connectEngine(await locateStateDir(flags));
  const query = new URLSearchParams({ service, lines: String(flags.lines) });
  if (flags.pr !== undefined) query.set("pr", String(flags.pr));
  if (flags.follow === true) query.set("follow", "");
  const log = await engine.stream(`/api/logs?${query}`);
  // A pull request wrote it. A file or a pipe gets it as it is.
  for await (const text of process.stdout.isTTY ? terminalStream(log) : log) process.stdout.write(text);
}
