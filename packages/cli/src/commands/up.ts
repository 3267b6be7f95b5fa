import { Command, InvalidArgumentError, Option } from "commander";
import { configOption, port, seconds, stateDirOption, stateDirPath } from "../options.ts";
import { findProject } from "../project.ts";

/** What `perch up` can be told; milliseconds where it is a time. */
export interface UpFlags {
  readonly config?: string;
  readonly stateDir?: string;
  readonly source?: "git" | "github";
  readonly remote: readonly string[];
  readonly stable: "remote" | "checkout";
  readonly host: readonly string[];
  readonly edgePort: number;
  readonly statusPort: number;
  /** Absent: 2 seconds with git as the source, 10 with GitHub. */
  readonly interval?: number;
  readonly webhookPort?: number;
  readonly drain: number;
  readonly wake: number;
  readonly try: string;
  readonly logLevel: string;
  readonly detach?: boolean;
}

const EXAMPLES = `
Examples:
  perch up                                    stable, and a canary of every open pull request of origin
  perch up --remote ../shop.git --detach      another remote, in the background
  perch up --stable checkout                  stable from the files here, uncommitted changes and all
  GITHUB_TOKEN=… perch up                     labelled pull requests, from GitHub's API
  perch up --webhook-port 8091                and at once when GitHub says so

Secrets come from the environment, never from flags, and never reach what pull requests run:
  GITHUB_TOKEN                                  reads pull requests, contents and metadata
  PERCH_GITHUB_APP_ID, PERCH_GITHUB_APP_PRIVATE_KEY
                                                a GitHub App in its place; its key as PEM
  PERCH_WEBHOOK_SECRET                          what GitHub signs webhooks with`;

export function upCommand(version: string): Command {
  const command = new Command("up")
    .description("Run stable and a canary of every open pull request on this machine, until Ctrl-C.")
    .addOption(configOption())
    .addOption(stateDirOption())
    .addOption(
      new Option(
        "--remote <[repo=]remote>",
        "git remote to read pull requests from; once per repository (default: origin)",
      )
        .env("PERCH_REMOTE")
        .argParser(collect)
        .default([], "none"),
    )
    .addOption(
      new Option(
        "--source <what>",
        "where pull requests come from: github, its API; git, the refs of --remote (default: github with credentials and without --remote, else git)",
      )
        .env("PERCH_SOURCE")
        .choices(["git", "github"]),
    )
    .addOption(
      new Option("--stable <what>", "what stable runs: the default branch of the remote, or the files here")
        .env("PERCH_STABLE")
        .choices(["remote", "checkout"])
        .default("remote"),
    )
    .addOption(
      new Option(
        "--host <addresses>",
        "addresses of the edge and, the first, of the status API, separated by commas",
      )
        .env("PERCH_HOST")
        .argParser(addresses)
        .default(["127.0.0.1", "::1"], "127.0.0.1,::1"),
    );
  return addTuning(command)
    .addHelpText("after", EXAMPLES)
    .action(async (flags: UpFlags) => {
      const project = await findProject(flags.config);
      const stateDir = stateDirPath(flags.stateDir, project.folder);
      // Loaded only here: every other command is done before the engine's libraries would be read.
      if (flags.detach === true) {
        const { upDetached } = await import("../up/detached.ts");
        await upDetached(stateDir);
      } else {
        const { upForeground } = await import("../up/foreground.ts");
        await upForeground(flags, project, stateDir, version);
      }
    });
}

function addTuning(command: Command): Command {
  return command
    .addOption(
      new Option("--edge-port <port>", "port of the edge; 0: any")
        .env("PERCH_EDGE_PORT")
        .argParser(port)
        .default(8080),
    )
    .addOption(
      new Option("--status-port <port>", "port of the status API; 0: any")
        .env("PERCH_STATUS_PORT")
        .argParser(port)
        .default(8090),
    )
    .addOption(
      new Option("--interval <seconds>", "pause between two looks at the source (default: 2, with github 10)")
        .env("PERCH_INTERVAL")
        .argParser(seconds),
    )
    .addOption(
      new Option(
        "--webhook-port <port>",
        "port that takes GitHub's webhooks at /webhook, on every --host; 0: any (default: none)",
      )
        .env("PERCH_WEBHOOK_PORT")
        .argParser(port),
    )
    .addOption(
      new Option("--drain <seconds>", "how long requests under way may keep a replaced process")
        .env("PERCH_DRAIN")
        .argParser(seconds)
        .default(10_000, "10"),
    )
    .addOption(
      new Option("--wake <seconds>", "how long a request waits for a canary that sleeps")
        .env("PERCH_WAKE")
        .argParser(seconds)
        .default(30_000, "30"),
    )
    .addOption(
      new Option("--try <path>", "path that the printed example requests ask for")
        .env("PERCH_TRY")
        .default("/"),
    )
    .addOption(
      new Option("--log-level <level>", "how much goes to engine.log in the state folder")
        .env("PERCH_LOG_LEVEL")
        .choices(["debug", "info", "warn", "error"])
        .default("info"),
    )
    .option("-d, --detach", "return when all is ready; end it with `perch down`");
}

function collect(value: string, previous: readonly string[]): string[] {
  // An empty variable is one that is not set.
  return value === "" ? [...previous] : [...previous, value];
}

function addresses(value: string): string[] {
  const list = value.split(",").map((address) => address.trim());
  if (list.some((address) => !/^[0-9a-zA-Z.:-]+$/.test(address))) {
    throw new InvalidArgumentError("It must be addresses separated by commas, such as 127.0.0.1,::1.");
  }
  return list;
}
