import { readFileSync } from "node:fs";
import { Command } from "commander";
import { EXIT_CODES_HELP } from "./output/exit.ts";

/** One file per verb; in the order in which the help shows them. */
const VERBS: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import("./commands/up.ts")).upCommand(version()),
  status: async () => (await import("./commands/status.ts")).statusCommand(),
  explain: async () => (await import("./commands/explain.ts")).explainCommand(),
  logs: async () => (await import("./commands/logs.ts")).logsCommand(),
  down: async () => (await import("./commands/down.ts")).downCommand(),
  init: async () => (await import("./commands/init.ts")).initCommand(),
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand(),
  render: async () => (await import("./commands/render.ts")).renderCommand(),
  promote: async () => (await import("./commands/promote.ts")).promoteCommand(),
  rollback: async () => (await import("./commands/rollback.ts")).rollbackCommand(),
  residue: async () => (await import("./commands/residue.ts")).residueCommand(),
  ci: async () => (await import("./commands/ci/index.ts")).ciCommand(),
  completion: async () => (await import("./commands/completion.ts")).completionCommand(),
};

/**
 * The command line.
 * @param word its first argument: a verb is loaded alone, since nothing of the others can be asked for; and none for the version.
 *   Absent, or no verb: the whole of it.
 */
export async function createProgram(word?: string): Promise<Command> {
  const program = new Command("perch")
    .description("Per-pull-request canaries in a shared environment.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .showHelpAfterError("Run with --help for what is possible.")
    .showSuggestionAfterError()
    .addHelpText("after", EXIT_CODES_HELP)
    .exitOverride();
  const verbs = await Promise.all(loadersOf(word).map((load) => load()));
  for (const verb of verbs) program.addCommand(inheriting(verb, program));
  return program;
}

function loadersOf(word: string | undefined): (() => Promise<Command>)[] {
  if (word === "-V" || word === "--version") return [];
  const one = word !== undefined && Object.hasOwn(VERBS, word) ? VERBS[word] : undefined;
  return one === undefined ? Object.values(VERBS) : [one];
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
