import type { UnitScope } from "@perch/core";
import { Command, Option } from "commander";
import { configOption, seconds, stateDirOption, stateDirPath } from "../options.ts";
import { findProject } from "../project.ts";
import {
  addFrontOptions,
  edgePortOption,
  hostOption,
  remoteOption,
  sourceOption,
  statusPortOption,
  webhookPortOption,
} from "../up/options.ts";

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
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly redirectPort?: number;
  readonly trustedProxy?: readonly string[];
  readonly publicUrl?: string;
  readonly statusName?: readonly string[];
  readonly drain: number;
  readonly wake: number;
  readonly try: string;
  readonly logLevel: string;
  readonly detach?: boolean;
  readonly systemd?: UnitScope | true;
}

const EXAMPLES = `
Examples:
  perch up                                    stable, and a canary of every open pull request of origin
  perch up --remote ../shop.git --detach      another remote, in the background
  perch up --stable checkout                  stable from the files here, uncommitted changes and all
  GITHUB_TOKEN=… perch up                     labelled pull requests, from GitHub's API
  perch up --webhook-port 8091                and at once when GitHub says so
  perch up --edge-port 8443 --tls-cert fullchain.pem --tls-key privkey.pem
                                              by https, with your certificate
  perch up --webhook-port 8091 --systemd      the same as a service of the machine: how, is in what it prints

Secrets come from the environment, never from flags, and never reach what pull requests run:
  GITHUB_TOKEN                                  reads pull requests, contents and metadata
  PERCH_GITHUB_APP_ID, PERCH_GITHUB_APP_PRIVATE_KEY
                                                a GitHub App in its place; its key as PEM
  PERCH_WEBHOOK_SECRET                          what GitHub signs webhooks with`;

export function upCommand(version: string): Command {
  const command = new Command("up")
    .addOption(configOption())
    .addOption(stateDirOption())
    .addOption(remoteOption())
    .addOption(sourceOption())
    .addOption(
      new Option("--stable <what>", "what stable runs: the default branch of the remote, or the files here")
        .env("PERCH_STABLE")
        .choices(["remote", "checkout"])
        .default("remote"),
    )
    .addOption(hostOption());
  return addTuning(command)
    .addHelpText("after", EXAMPLES)
    .action(async (flags: UpFlags, own: Command) => {
      const project = await findProject(flags.config);
      const stateDir = stateDirPath(flags.stateDir, project.folder);
      // Loaded only here: every other command is done before the engine's libraries would be read.
      if (flags.systemd !== undefined) {
        const { serviceUnit } = await import("../up/service-unit.ts");
        process.stdout.write(
          await serviceUnit(own, project, flags.systemd === true ? "system" : flags.systemd),
        );
      } else if (flags.detach === true) {
        const { upDetached } = await import("../up/detached.ts");
        await upDetached(stateDir);
      } else {
        const { upForeground } = await import("../up/foreground.ts");
        await upForeground(flags, project, stateDir, version);
      }
    });
}

function addTuning(command: Command): Command {
  command
    .addOption(edgePortOption())
    .addOption(statusPortOption())
    .addOption(
      new Option("--interval <seconds>", "pause between two looks at the source (default: 2, with github 10)")
        .env("PERCH_INTERVAL")
        .argParser(seconds),
    )
    .addOption(webhookPortOption());
  return addFrontOptions(command)
    .addOption(
      new Option(
        "--drain <seconds>",
        "how long requests under way may keep a process that is replaced or stopped",
      )
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
    .option("-d, --detach", "return when all is ready; end it with `perch down`")
    .addOption(
      new Option("--systemd [scope]", "run nothing: print a systemd unit that does this (default: system)")
        .choices(["system", "user"])
        .conflicts("detach"),
    );
}
