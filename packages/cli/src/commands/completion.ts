import { PerchError } from "@perch/core";
import { Argument, Command, Option } from "commander";

const SHELLS = ["bash", "zsh", "fish"] as const;

interface Flags {
  readonly services?: true;
}

export function completionCommand(): Command {
  return new Command("completion")
    .description("Print a completion script for a shell.")
    .addArgument(new Argument("[shell]", "the shell").choices(SHELLS))
    .addOption(new Option("--services", "names of services of the nearest perch.yaml").hideHelp())
    .addHelpText(
      "after",
      `
Examples:
  source <(perch completion bash)       # in ~/.bashrc
  source <(perch completion zsh)        # in ~/.zshrc, after compinit
  perch completion fish | source        # in ~/.config/fish/config.fish`,
    )
    .action(run);
}

async function run(
  shell: (typeof SHELLS)[number] | undefined,
  flags: Flags,
  command: Command,
): Promise<void> {
  if (flags.services === true) {
    const { serviceNames } = await import("../completion/services.ts");
    process.stdout.write((await serviceNames()).map((name) => `${name}\n`).join(""));
    return;
  }
  if (shell === undefined) throw noShell();
  const [{ commandModel }, { scripts }] = await Promise.all([
    import("../completion/model.ts"),
    import("../completion/scripts.ts"),
  ]);
  process.stdout.write(scripts[shell](commandModel(command.parent ?? command)));
}

function noShell(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "It is not said for which shell.",
    hint: `perch completion ${SHELLS.join(", perch completion ")}.`,
    fault: "user",
  });
}
