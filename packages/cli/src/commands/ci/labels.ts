import type { GateResult } from "@perch/engine/github";
import { Command } from "commander";
import { githubFromEnvironment } from "../../ci/github.ts";
import { addGithub, addSubject, dryRunOption, type SubjectFlags, serviceList } from "../../ci/options.ts";
import { writeOutputs } from "../../ci/output.ts";
import { readSubject } from "../../ci/subject.ts";
import { findProject, readConfig } from "../../project.ts";

interface Flags extends SubjectFlags {
  readonly built: readonly string[];
}

export function labelsCommand(): Command {
  return addGithub(addSubject(new Command("labels")))
    .description("Set canary/<service> for the services whose image exists, and take the others away.")
    .requiredOption(
      "--built <services>",
      "services whose image of this head exists; may be empty",
      serviceList,
    )
    .addOption(dryRunOption())
    .addHelpText(
      "after",
      `
A label that a person set stays: the run that it starts provides the image.
Nothing is set on a pull request that is closed or has another head by now (exit code 4).

Examples:
  perch ci labels --built api,store
  perch ci labels --built "" --dry-run    # which labels would go`,
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { repo, pr, head } = await readSubject(flags);
  const config = await readConfig(await findProject(flags.config));
  const repository = await githubFromEnvironment(repo, flags.apiUrl);
  const { setGateLabels } = await import("@perch/engine/github");
  const isDryRun = flags.dryRun === true;
  const result = await setGateLabels(repository, config, { number: pr, head, built: flags.built, isDryRun });
  const { add, remove, labels, note } = result;
  await writeOutputs(
    { added: add, removed: remove, labels, ...(note !== undefined && { note }) },
    { json: flags.json, text: text(result) },
  );
}

function text({ add, remove, labels, note }: GateResult): string {
  const lines = [...add.map((label) => `+ ${label}`), ...remove.map((label) => `- ${label}`)];
  if (lines.length === 0)
    lines.push(labels.length === 0 ? "No gate label." : `As it is: ${labels.join(", ")}.`);
  if (note !== undefined) lines.push(note);
  return `${lines.join("\n")}\n`;
}
