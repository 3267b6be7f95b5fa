import { PerchError } from "@perch/core";
import { Argument, Command, Option } from "commander";

const SHELLS = ["bash", "zsh", "fish"] as const;

interface Flags {
  readonly services?: true;
}

export function completionCommand(): Command {
  return new Command("completion")
    .addArgument(new Argument("[shell]", "the shell").choices(SHELLS))
    .addOption(new Option("--services", "names of services of the nearest perch.yaml").hideHelp())
    .addHelpText(
      "after",
      `
Examples:
  source <(perch completion bash)       # here and now
  source <(perch completion zsh)        # after compinit
  perch completion fish | source

For every shell, without running perch at its start:
  perch completion bash > ~/.local/share/bash-completion/completions/perch
  perch completion zsh > <a folder of fpath>/_perch
  perch completion fish > ~/.config/fish/completions/perch.fish`,
    )
    .action(run);
}

async function run(shell: (typeof SHELLS)[number] | undefined, flags: Flags): Promise<void> {
  if (flags.services === true) {
    const { serviceNames } = await import("../completion/services.ts");
    process.stdout.write((await serviceNames()).map((name) => `${name}\n`).join(""));
    return;
  }
  if (shell === undefined) throw noShell();
  const [{ commandModel }, { scripts }, { createProgram }] = await Promise.all([
    import("../completion/model.ts"),
    import("../completion/scripts.ts"),
    // The whole of it: to run this command, only this command was loaded.
    import("../program.ts"),
  ]);
  process.stdout.write(scripts[shell](commandModel(await createProgram())));
}

function noShell(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "It is not said for which shell.",
    hint: `perch completion ${SHELLS.join(", perch completion ")}.`,
    fault: "user",
  });
}
