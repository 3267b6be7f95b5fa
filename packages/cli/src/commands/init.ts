import { PerchError } from "@perch/core";
import { Command } from "commander";
import { configOption, jsonOption } from "../options.ts";

/** What `perch init` can be told. */
export interface InitFlags {
  readonly config?: string;
  readonly kubernetes?: true;
  readonly out?: string;
  readonly yes?: true;
  readonly json?: boolean;
}

export function initCommand(): Command {
  return new Command("init")
    .argument("[service...]", "with --kubernetes: services of perch.yaml (default: all)")
    .option("--kubernetes", "deploy/base: Deployment, Service, HPA and PodDisruptionBudget")
    .option(
      "-o, --out <folder>",
      "the repository (default: the one that this folder is in; with --kubernetes, the folder of perch.yaml)",
    )
    .option("-y, --yes", "ask nothing: what no file tells is taken by default, and marked in perch.yaml")
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action(run);
}

const EXAMPLES = `
It never overwrites anything.

Examples:
  perch init                                  a first perch.yaml: looks, asks what it cannot know, writes
  perch init --yes                            without a question
  perch init --kubernetes
  perch init --kubernetes store
  perch init --kubernetes web --config ../env/perch.yaml --out .    # in the repository of web`;

async function run(names: readonly string[], flags: InitFlags, command: Command): Promise<void> {
  if (flags.kubernetes === true) {
    const { initKubernetes } = await import("../init/kubernetes.ts");
    return initKubernetes(names, flags);
  }
  if (names.length > 0) throw namesWithoutKubernetes(names);
  if (command.getOptionValueSource("config") === "cli") throw configWithoutKubernetes();
  const { initProject } = await import("../init/project.ts");
  await initProject(flags);
}

function namesWithoutKubernetes(names: readonly string[]): PerchError {
  return new PerchError({
    code: "USAGE",
    message: `It is not said what to write for ${names.join(", ")}.`,
    hint: "perch init --kubernetes writes deploy/base for services that have none; perch init alone writes perch.yaml.",
    fault: "user",
  });
}

function configWithoutKubernetes(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "perch init writes perch.yaml at the root of a repository; --config names one that is there.",
    hint: "Name the repository with --out.",
    fault: "user",
  });
}
