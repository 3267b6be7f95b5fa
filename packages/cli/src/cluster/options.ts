import type { Command } from "commander";

/** Which cluster, for every command that reads one. */
export function addClusterOptions(command: Command): Command {
  return command.option("--kubeconfig <file>", "as for kubectl").option("--context <name>", "as for kubectl");
}
