import { realpath } from "node:fs/promises";
import { type ClusterResidue, clusterResidue, type LocalReasons, localResidue } from "@perch/core";
import { localInventory, readEngineRecord } from "@perch/engine/state";
import { Command } from "commander";
import { clusterInventory } from "../cluster/inventory.ts";
import { connectEngine } from "../engine-client.ts";
import { configOption, jsonOption, stateDirOption } from "../options.ts";
import { EXIT } from "../output/error.ts";
import { locateStateDir } from "../project.ts";

interface Flags {
  readonly config?: string;
  readonly stateDir?: string;
  readonly cluster?: true;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly json?: boolean;
}

/** One thing that is left, as it is printed. */
interface Line {
  readonly what: string;
  readonly reason: string;
}

export function residueCommand(): Command {
  return new Command("residue")
    .description("What is left of canaries that nobody wants any more; exit code 1 if there is any.")
    .addOption(configOption())
    .addOption(stateDirOption())
    .option("--cluster", "in a Kubernetes cluster: Applications, namespaces and routes, read with kubectl")
    .option("--kubeconfig <file>", "as for kubectl")
    .option("--context <name>", "as for kubectl")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Without --cluster it looks on this machine: folders, worktrees, mirrors, installed dependencies and processes.

Examples:
  perch residue
  perch residue --cluster --context dev --json`,
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const residue =
    flags.cluster === true ? clusterResidue(await clusterInventory(flags)) : await onThisMachine(flags);
  const lines = residue.map((one): Line => ("object" in one ? ofCluster(one) : ofMachine(one)));
  process.stdout.write(flags.json === true ? `${JSON.stringify({ residue }, undefined, 2)}\n` : table(lines));
  if (residue.length > 0) process.exitCode = EXIT.failed;
}

async function onThisMachine(flags: Flags) {
  const given = await locateStateDir(flags);
  const stateDir = await realpath(given).catch(() => given);
  const before = await reasons(given);
  const inventory = await localInventory(stateDir);
  // What was started, or removed, while we looked has a reason by one of the two.
  return localResidue(inventory, union(before, await reasons(given)));
}

interface WrittenReasons {
  readonly instances: readonly string[];
  readonly dependencies: readonly string[];
  readonly mirrors: readonly string[];
}

async function reasons(stateDir: string): Promise<LocalReasons | undefined> {
  const record = await readEngineRecord(stateDir);
  // One that only starts has not looked at what was left; it is not yet known what has a reason.
  if (record === undefined) return undefined;
  const engine = await connectEngine(stateDir);
  const { instances, dependencies, mirrors } = await engine.get<WrittenReasons>("/api/reasons");
  return {
    instances: new Set(instances),
    dependencies: new Set(dependencies),
    mirrors: new Set(mirrors),
  };
}

function union(a: LocalReasons | undefined, b: LocalReasons | undefined): LocalReasons | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    instances: a.instances.union(b.instances),
    dependencies: a.dependencies.union(b.dependencies),
    mirrors: a.mirrors.union(b.mirrors),
  };
}

function table(lines: readonly Line[]): string {
  if (lines.length === 0) return "Nothing is left.\n";
  return lines.map(({ what, reason }) => `${what}: ${reason}\n`).join("");
}

function ofMachine({ kind, name, reason }: { kind: string; name: string; reason: string }): Line {
  return { what: `${kind} ${name}`, reason };
}

function ofCluster({ canary, object: { kind, name, namespace }, reason }: ClusterResidue): Line {
  const object = namespace === undefined ? `${kind}/${name}` : `${kind}/${name} in ${namespace}`;
  return { what: `${canary}  ${object}`, reason };
}
