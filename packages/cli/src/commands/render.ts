import { resolve } from "node:path";
import { styleText } from "node:util";
import {
  type ComposeCanaries,
  type Config,
  type ManifestChange,
  type ManifestFile,
  manifestChanges,
  PerchError,
  renderCompose,
  renderManifests,
} from "@perch/core";
import { Command, Option } from "commander";
import { createTwoFilesPatch } from "diff";
import { applyChanges, readComposeFiles, readManifests, tagsOf } from "../manifests/folder.ts";
import { canaryList, configOption, jsonOption } from "../options.ts";
import { EXIT } from "../output/error.ts";
import { findProject, readConfig } from "../project.ts";

interface Flags {
  readonly config?: string;
  readonly out?: string;
  /** `true`: without canaries. */
  readonly compose?: ComposeCanaries | true;
  readonly check?: true;
  readonly diff?: true;
  readonly force?: true;
  readonly json?: boolean;
}

export function renderCommand(): Command {
  return new Command("render")
    .addOption(configOption())
    .option("-o, --out <folder>", "folder that manifests/ is in (default: that of perch.yaml)")
    .option(
      "--compose [canaries]",
      "docker-compose.yml and compose/ in place of manifests/, with canaries such as store=1,api=2",
      canaryList,
    )
    .addOption(new Option("--check", "write nothing; exit code 1 if anything differs").conflicts("diff"))
    .option("--diff", "write nothing; show what would change")
    .option("--force", "overwrite files that perch did not render")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
It keeps the image tags of stable, which promotion bumps, and everything in manifests/ that it did not render.

Examples:
  perch render --diff
  perch render
  perch render --check    # in CI: perch.yaml and manifests/ agree
  perch render --compose store=1,api=2    # containers on this machine, with the routes of a cluster`,
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const project = await findProject(flags.config);
  const folder = flags.out === undefined ? project.folder : resolve(flags.out);
  const { existing, rendered } = await decide(await readConfig(project), folder, flags.compose);
  const changes = manifestChanges(rendered, existing);
  const foreign = changes.filter(({ kind }) => kind === "foreign");
  const isDry = flags.check === true || flags.diff === true;
  if (foreign.length > 0 && flags.force !== true && !isDry) throw notOurs(foreign);
  if (!isDry) await applyChanges(folder, changes);
  process.stdout.write(report(changes, rendered.length, flags));
  if (flags.check === true && changes.length > 0) process.exitCode = EXIT.failed;
}

/** What is there, and what there should be. */
async function decide(
  config: Config,
  folder: string,
  compose: Flags["compose"],
): Promise<{ existing: ReadonlyMap<string, string>; rendered: readonly ManifestFile[] }> {
  if (compose !== undefined) {
    const rendered = renderCompose(config, compose === true ? [] : compose);
    return { existing: await readComposeFiles(folder), rendered };
  }
  const existing = await readManifests(folder);
  return { existing, rendered: renderManifests(config, tagsOf(existing)) };
}

function report(changes: readonly ManifestChange[], total: number, flags: Flags): string {
  if (flags.json === true) {
    const list = changes.map(({ kind, path }) => ({ kind, path }));
    return `${JSON.stringify({ changes: list, files: total }, undefined, 2)}\n`;
  }
  if (flags.diff === true) return changes.map(unifiedDiff).join("");
  const lines = changes.map(({ kind, path }) => `${styleText(COLOURS[kind], kind.padEnd(7))}  ${path}\n`);
  return `${lines.join("")}${summary(changes, total, flags)}\n`;
}

const COLOURS = { added: "green", changed: "yellow", removed: "red", foreign: "magenta" } as const;

function summary(changes: readonly ManifestChange[], total: number, flags: Flags): string {
  if (changes.length === 0) return `${total} files, all as perch.yaml says.`;
  const differ = changes.length === 1 ? "1 file differs" : `${changes.length} files differ`;
  const again = flags.compose === undefined ? "perch render" : "perch render --compose";
  if (flags.check === true) return `${differ}. Run \`${again}\` and commit.`;
  const removed = changes.filter(({ kind }) => kind === "removed").length;
  return `${changes.length - removed} written, ${removed} removed, ${total - changes.length + removed} unchanged.`;
}

function unifiedDiff(change: ManifestChange): string {
  const before = change.kind === "added" ? "" : change.before;
  const after = change.kind === "removed" ? "" : change.after;
  const from = change.kind === "added" ? "/dev/null" : `a/${change.path}`;
  const to = change.kind === "removed" ? "/dev/null" : `b/${change.path}`;
  return createTwoFilesPatch(from, to, before, after, undefined, undefined, { context: 3 });
}

function notOurs(foreign: readonly ManifestChange[]): PerchError {
  const names = foreign.map(({ path }) => path).join(", ");
  return new PerchError({
    code: "USAGE",
    message: `These files are where perch renders, and perch did not write them: ${names}.`,
    hint: "See what would change with `perch render --diff`; move them away, or overwrite them with --force.",
    fault: "user",
  });
}
