import { Command } from "commander";
import { githubFromEnvironment } from "../../ci/github.ts";
import { addGithub, addSubject, authorOption, dryRunOption, type SubjectFlags } from "../../ci/options.ts";
import { writeOutputs } from "../../ci/output.ts";
import { readSubject } from "../../ci/subject.ts";
import { findProject, readConfig } from "../../project.ts";

interface Flags extends SubjectFlags {
  readonly author: string;
}

export function commentCommand(): Command {
  return addGithub(addSubject(new Command("comment")))
    .description(
      "The one comment of a pull request, written from its labels and deployments, edited in place.",
    )
    .addOption(authorOption())
    .addOption(dryRunOption())
    .addHelpText(
      "after",
      `
Examples:
  perch ci comment                # in a workflow on pull_request or deployment_status
  perch ci comment --repo acme/shop --pr 7 --dry-run`,
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { repo, pr } = await readSubject(flags);
  const config = await readConfig(await findProject(flags.config));
  const repository = await githubFromEnvironment(repo, flags.apiUrl);
  const { previewFeedback, writeFeedback } = await import("@perch/engine/github");
  const options = { number: pr, author: flags.author };
  if (flags.dryRun === true) {
    const body = (await previewFeedback(repository, config, options)) ?? "";
    await writeOutputs({ outcome: "dry-run", body }, { json: flags.json, text: body });
    return;
  }
  const { outcome, id } = await writeFeedback(repository, config, options);
  await writeOutputs({ outcome, comment: id ?? null }, { json: flags.json, text: `Comment: ${outcome}.\n` });
}
