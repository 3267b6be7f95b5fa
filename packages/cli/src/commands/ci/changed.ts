import { imageJobs, PerchError } from "@perch/core";
import { Command } from "commander";
import { type Changes, readChanges } from "../../ci/changes.ts";
import { githubFromEnvironment } from "../../ci/github.ts";
import { addGithub, addSubject, type SubjectFlags } from "../../ci/options.ts";
import { writeOutputs } from "../../ci/output.ts";
import { readSubjectWithHead } from "../../ci/subject.ts";
import { findProject } from "../../project.ts";

interface Flags extends SubjectFlags {
  readonly base?: string;
  readonly labelled?: true;
  readonly gitDir?: string;
}

export function changedCommand(): Command {
  return addGithub(addSubject(new Command("changed")))
    .description("The services that need an image: whose paths changed between the merge base and the head.")
    .option("--base <revision>", "what the pull request wants to be merged into (default: the event's)")
    .option("--labelled", "also services that a person labelled canary/<service>; asks GitHub")
    .option("--git-dir <folder>", "checkout of the repository, with its history (default: here)")
    .addHelpText(
      "after",
      `
perch.yaml is read at the base and at the head. What only the head's has gets no canary before it is merged.

Examples:
  perch ci changed --labelled --json
  perch ci changed --repo acme/shop --pr 7 --head "$(git rev-parse HEAD)" --base origin/main`,
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { repo, pr, head, base: eventBase } = await readSubjectWithHead(flags);
  const base = flags.base ?? eventBase;
  if (base === undefined) throw noBase();
  const project = await findProject(flags.config);
  const folder = flags.gitDir ?? process.cwd();
  const changes = await readChanges({ repo, folder, base, head, project });
  const labelled = flags.labelled === true ? await labelledServices(flags, changes, repo, pr) : [];
  const include = imagesOf(changes, { pr, head }, labelled);
  const services = include.map(({ service }) => service);
  const { added, removed, renamed } = changes;
  await writeOutputs(
    { services, any: services.length > 0, matrix: { include }, added, removed, renamed },
    { json: flags.json, text: services.map((service) => `${service}\n`).join("") },
  );
  process.stderr.write(notes(changes));
}

async function labelledServices(
  flags: Flags,
  { base }: Changes,
  repo: string,
  pr: number,
): Promise<string[]> {
  if (base === undefined) return [];
  const repository = await githubFromEnvironment(repo, flags.apiUrl);
  const { servicesLabelledByPeople } = await import("@perch/engine/github");
  return servicesLabelledByPeople(repository, base, pr);
}

/** The base's registry: a pull request cannot choose where its images go. */
function imagesOf(
  { base, head, changed, removed }: Changes,
  subject: { readonly pr: number; readonly head: string },
  labelled: readonly string[],
) {
  const wanted = labelled.filter((name) => !removed.includes(name));
  if (changed.length + wanted.length === 0) return [];
  if (base?.registry === undefined) throw noRegistry();
  return imageJobs(head, base.registry, subject, changed, wanted);
}

function notes({ added, removed, renamed, isConfigChanged }: Changes): string {
  const lines = [
    ...renamed.map(({ from, to }) => `${from} is called ${to} here: neither has a canary before the merge.`),
    ...added
      .filter((name) => !renamed.some(({ to }) => to === name))
      .map((name) => `${name} is new: it has a canary after the merge.`),
    ...removed
      .filter((name) => !renamed.some(({ from }) => from === name))
      .map((name) => `${name} is removed here: it has no canary.`),
    ...(isConfigChanged
      ? ["perch.yaml changes: the cluster follows after the merge and `perch render`."]
      : []),
  ];
  return lines.map((line) => `note: ${line}\n`).join("");
}

function noBase(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "It is not said what the pull request wants to be merged into.",
    hint: "Give --base, such as origin/main; on pull_request the event says it.",
    fault: "user",
  });
}

function noRegistry(): PerchError {
  return new PerchError({
    code: "CONFIG_INVALID",
    message: "perch.yaml does not say where images are pushed.",
    hint: "Add registry, such as ghcr.io/acme; docs/config.md describes it.",
    fault: "user",
  });
}
