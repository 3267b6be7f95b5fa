import { realpath } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type LocalReasons, type LocalResidue, localResidue } from "@perch/core";
import { localInventory, readEngineRecord } from "@perch/engine/state";
import { Command } from "commander";
import { addPlaces, type PlaceFlags, placesOf } from "../ci/places.ts";
import { readResidue, residueLines, residueList } from "../ci/sweep.ts";
import { connectEngine } from "../engine-client.ts";
import { stateDirOption } from "../options.ts";
import { EXIT } from "../output/error.ts";
import { findProject, locateStateDir, readConfig } from "../project.ts";

interface Flags extends PlaceFlags {
  readonly stateDir?: string;
}

export function residueCommand(): Command {
  return addPlaces(new Command("residue"))
    .addOption(stateDirOption())
    .addHelpText(
      "after",
      `
Without --cluster or --github it looks on this machine: folders, worktrees, mirrors and their refs, installed dependencies, caches and processes.

Examples:
  perch residue
  perch residue --cluster --context dev --json
  perch residue --github          # with GITHUB_TOKEN`,
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const isElsewhere = flags.cluster === true || flags.github === true;
  const { residue, lines } = isElsewhere ? await elsewhere(flags) : await onThisMachine(flags);
  const text = residue.length === 0 ? "Nothing is left." : lines.join("\n");
  process.stdout.write(flags.json === true ? `${JSON.stringify({ residue }, undefined, 2)}\n` : `${text}\n`);
  if (residue.length > 0) process.exitCode = EXIT.failed;
}

interface Found {
  readonly residue: readonly object[];
  /** One for each, for people. */
  readonly lines: readonly string[];
}

async function elsewhere(flags: Flags): Promise<Found> {
  const found = await readResidue(placesOf(flags), async () => readConfig(await findProject(flags.config)));
  return { residue: residueList(found), lines: residueLines(found) };
}

async function onThisMachine(flags: Flags): Promise<Found> {
  const given = await locateStateDir(flags);
  const first = await look(given);
  let residue = first.residue;
  if (first.runs && residue.length > 0) {
    await sleep(SECOND_LOOK);
    const lines = new Set((await look(given)).residue.map(lineOf));
    residue = residue.filter((one) => lines.has(lineOf(one)));
  }
  return { residue, lines: residue.map(lineOf) };
}

/** Milliseconds after which what an engine was about to finish, or to remove, is so: a file that it wrote, the record of a worktree. */
const SECOND_LOOK = 500;

async function look(given: string): Promise<{ readonly residue: LocalResidue[]; readonly runs: boolean }> {
  const stateDir = await realpath(given).catch(() => given);
  const before = await reasons(given);
  const inventory = await localInventory(stateDir);
  // What was started, or removed, while we looked has a reason by one of the two.
  const after = await reasons(given);
  return { residue: localResidue(inventory, union(before, after)), runs: after !== undefined };
}

interface WrittenReasons {
  readonly instances: readonly string[];
  readonly dependencies: readonly string[];
  readonly mirrors: readonly string[];
  readonly pullRequests: readonly string[];
}

async function reasons(stateDir: string): Promise<LocalReasons | undefined> {
  const record = await readEngineRecord(stateDir);
  // One that only starts has not looked at what was left; it is not yet known what has a reason.
  if (record === undefined) return undefined;
  const engine = await connectEngine(stateDir);
  const { instances, dependencies, mirrors, pullRequests } = await engine.get<WrittenReasons>("/api/reasons");
  return {
    instances: new Set(instances),
    dependencies: new Set(dependencies),
    mirrors: new Set(mirrors),
    pullRequests: new Set(pullRequests),
  };
}

function union(a: LocalReasons | undefined, b: LocalReasons | undefined): LocalReasons | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    instances: a.instances.union(b.instances),
    dependencies: a.dependencies.union(b.dependencies),
    mirrors: a.mirrors.union(b.mirrors),
    pullRequests: a.pullRequests.union(b.pullRequests),
  };
}

function lineOf({ kind, name, reason }: LocalResidue): string {
  return `${kind} ${name}: ${reason}`;
}
