import { readFileSync } from "node:fs";
import { Command } from "commander";
import { withDocs } from "./output/docs.ts";
import { EXIT_CODES_HELP } from "./output/exit.ts";

interface Verb {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** One file per verb; in the order in which the help shows them. */
const VERBS: Readonly<Record<string, Verb>> = {
  up: {
    summary: "Run stable and a canary of every open pull request on this machine, until Ctrl-C.",
    load: async () => (await import("./commands/up.ts")).upCommand(version()),
  },
  status: {
    summary:
      "What runs, here or in a cluster, what is wrong and what to do. Exit code 1 when something is wrong.",
    load: async () => (await import("./commands/status.ts")).statusCommand(),
  },
  explain: {
    summary: "Which backend each service would use for a selector, by which rule, and why not another.",
    load: async () => (await import("./commands/explain.ts")).explainCommand(),
  },
  logs: {
    summary: "The log of stable, or of a canary: install, build, and what the process prints.",
    load: async () => (await import("./commands/logs.ts")).logsCommand(),
  },
  verdict: {
    summary: "Whether canaries do worse than stable: errors and latency. Exit code 1 when one does.",
    load: async () => (await import("./commands/verdict.ts")).verdictCommand(),
  },
  down: {
    summary: "End the engine and all that it started. Does nothing when none runs.",
    load: async () => (await import("./commands/down.ts")).downCommand(),
  },
  init: {
    summary: "Write perch.yaml from what is in this repository, or what a service lacks for Kubernetes.",
    load: async () => (await import("./commands/init.ts")).initCommand(),
  },
  doctor: {
    summary: "Name what is missing on this machine and in this project. Exit code 1 if anything is.",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand(),
  },
  render: {
    summary: "Write the GitOps files of a cluster, manifests/, or a compose file, from perch.yaml.",
    load: async () => (await import("./commands/render.ts")).renderCommand(),
  },
  promote: {
    summary: "Makes an image stable: its tag goes into manifests/stable/<service>; Argo CD does the rest.",
    load: async () => (await import("./commands/promote.ts")).promoteCommand(),
  },
  rollback: {
    summary: "Makes stable what it was before the last promotion, by the history of its overlay in git.",
    load: async () => (await import("./commands/rollback.ts")).rollbackCommand(),
  },
  residue: {
    summary: "What is left of canaries that nobody wants any more; exit code 1 if there is any.",
    load: async () => (await import("./commands/residue.ts")).residueCommand(),
  },
  ci: {
    summary: "What workflows call: tags, labels, feedback and the end of canaries.",
    load: async () => (await import("./commands/ci/index.ts")).ciCommand(),
  },
  completion: {
    summary: "Print a completion script for a shell.",
    load: async () => (await import("./commands/completion.ts")).completionCommand(),
  },
};

/**
 * The command line.
 * @param words its arguments: of verbs that are not among them the name and the summary are enough, which is all that the help
 *   and a suggestion show. Absent: all of everything.
 */
export async function createProgram(words?: readonly string[]): Promise<Command> {
  const program = new Command("perch")
    .description("Per-pull-request canaries in a shared environment.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .showHelpAfterError("Run with --help for what is possible.")
    .showSuggestionAfterError()
    .addHelpText("after", withDocs(EXIT_CODES_HELP))
    .exitOverride();
  const verbs = await Promise.all(
    Object.entries(VERBS).map(async ([name, { summary, load }]) => {
      const isAsked = words === undefined || words.includes(name);
      return (isAsked ? await load() : new Command(name)).description(summary);
    }),
  );
  for (const verb of verbs) program.addCommand(inheriting(verb, program));
  // Of its own help alone: those of the verbs are whole.
  return program.configureHelp({ subcommandTerm: (command) => command.name() });
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
