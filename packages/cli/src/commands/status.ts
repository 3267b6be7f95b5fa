import type { Status } from "@perch/core";
import { Command } from "commander";
import { connectEngine } from "../engine-client.ts";
import { configOption, jsonOption, stateDirOption } from "../options.ts";
import { EXIT } from "../output/error.ts";
import { renderStatus } from "../output/render-status.ts";
import { createScreen } from "../output/screen.ts";
import { locateStateDir } from "../project.ts";

interface Flags {
  readonly config?: string;
  readonly stateDir?: string;
  readonly json?: boolean;
  readonly watch?: boolean;
}

export function statusCommand(): Command {
  return new Command("status")
    .addOption(configOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .option("-w, --watch", "redraw on every change, until Ctrl-C")
    .addHelpText(
      "after",
      "\nExamples:\n  perch status\n  perch status --json | jq '.services[].canaries[].selector'",
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const engine = await connectEngine(await locateStateDir(flags));
  if (flags.watch === true) {
    const screen = createScreen(process.stdout);
    for await (const status of engine.statuses()) screen.show(format(status, flags));
    return;
  }
  const status = await engine.status();
  process.stdout.write(format(status, flags));
  process.exitCode = status.problems.length === 0 ? EXIT.ok : EXIT.failed;
}

function format(status: Status, flags: Flags): string {
  if (flags.json === true) return `${JSON.stringify(status, undefined, 2)}\n`;
  return renderStatus(status, { now: Date.now() });
}
