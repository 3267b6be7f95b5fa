import { Command } from "commander";
import { githubFromEnvironment } from "../../ci/github.ts";
import { addGithub, addSubject, authorOption, dryRunOption, type SubjectFlags } from "../../ci/options.ts";
import { writeOutputs } from "../../ci/output.ts";
import { readSubject } from "../../ci/subject.ts";
import { findProject, readConfig } from "../../project.ts";

interface Flags extends SubjectFlags {
  readonly author: string;
}

export function closeCommand(): Command {
  return addGithub(addSubject(new Command("close")))
    .description("The end of a closed pull request: labels away, Deployments ended, the comment says so.")
    .addOption(authorOption())
    .addOption(dryRunOption())
    .addHelpText(
      "after",
      `
Exit code 4, and nothing done, when the pull request is open: it was opened again.

Example:
  perch ci close --repo acme/shop --pr 7 --dry-run`,
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { repo, pr } = await readSubject(flags);
  const config = await readConfig(await findProject(flags.config));
  const repository = await githubFromEnvironment(repo, flags.apiUrl);
  const { closePullRequest } = await import("@perch/engine/github");
  const isDryRun = flags.dryRun === true;
  const options = { number: pr, author: flags.author, isDryRun };
  const { removed, ended, images, comment } = await closePullRequest(repository, config, options);
  const lines = [
    ...removed.map((label) => `- ${label}`),
    ...ended.map((id) => `ended deployment ${id}`),
    ...images.map((image) => `removed ${image}`),
    `comment: ${comment}`,
  ];
  await writeOutputs(
    { removed, ended, images, comment },
    { json: flags.json, text: `${lines.join("\n")}\n` },
  );
}
