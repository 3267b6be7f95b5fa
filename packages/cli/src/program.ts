import { readFileSync } from "node:fs";
import { Command } from "commander";
import { ciCommand } from "./commands/ci/index.ts";
import { completionCommand } from "./commands/completion.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { downCommand } from "./commands/down.ts";
import { explainCommand } from "./commands/explain.ts";
import { initCommand } from "./commands/init.ts";
import { logsCommand } from "./commands/logs.ts";
import { promoteCommand } from "./commands/promote.ts";
import { renderCommand } from "./commands/render.ts";
import { residueCommand } from "./commands/residue.ts";
import { rollbackCommand } from "./commands/rollback.ts";
import { statusCommand } from "./commands/status.ts";
import { upCommand } from "./commands/up.ts";
import { EXIT_CODES_HELP } from "./output/error.ts";

/** The whole command line; one file per verb under commands/. */
export function createProgram(): Command {
  const program = new Command("perch")
    .description("Per-pull-request canaries in a shared environment.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .showHelpAfterError("Run with --help for what is possible.")
    .showSuggestionAfterError()
    .addHelpText("after", EXIT_CODES_HELP)
    .exitOverride();
  const verbs = [
    upCommand(version()),
    statusCommand(),
    explainCommand(),
    logsCommand(),
    downCommand(),
    initCommand(),
    doctorCommand(),
    renderCommand(),
    promoteCommand(),
    rollbackCommand(),
    residueCommand(),
    ciCommand(),
    completionCommand(),
  ];
  for (const verb of verbs) program.addCommand(inheriting(verb, program));
  return program;
}

/** Settings of the program, such as throwing instead of exiting, are not inherited by themselves. */
function inheriting(verb: Command, parent: Command): Command {
  verb.copyInheritedSettings(parent);
  for (const part of verb.commands) inheriting(part, verb);
  return verb;
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
