import { type ClusterResidue, clusterResidue, PerchError } from "@perch/core";
import { Command } from "commander";
import { clusterInventory } from "../cluster/inventory.ts";
import { jsonOption } from "../options.ts";
import { EXIT } from "../output/error.ts";

interface Flags {
  readonly cluster?: true;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly json?: boolean;
}

export function residueCommand(): Command {
  return new Command("residue")
    .description("What is left of canaries that nobody wants any more; exit code 1 if there is any.")
    .option("--cluster", "in a Kubernetes cluster: Applications, namespaces and routes, read with kubectl")
    .option("--kubeconfig <file>", "as for kubectl")
    .option("--context <name>", "as for kubectl")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  perch residue --cluster\n  perch residue --cluster --context dev --json",
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  if (flags.cluster !== true) throw noPlace();
  const residue = clusterResidue(await clusterInventory(flags));
  process.stdout.write(
    flags.json === true ? `${JSON.stringify({ residue }, undefined, 2)}\n` : table(residue),
  );
  if (residue.length > 0) process.exitCode = EXIT.failed;
}

function table(residue: readonly ClusterResidue[]): string {
  if (residue.length === 0) return "Nothing is left.\n";
  return residue.map(({ object, canary, reason }) => `${canary}  ${nameOf(object)}: ${reason}\n`).join("");
}

function nameOf({ kind, name, namespace }: ClusterResidue["object"]): string {
  return namespace === undefined ? `${kind}/${name}` : `${kind}/${name} in ${namespace}`;
}

function noPlace(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "It is not said where to look.",
    hint: "perch residue --cluster looks in the cluster of the current kubectl context.",
    fault: "user",
  });
}
