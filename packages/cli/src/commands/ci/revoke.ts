import { Command } from "commander";
import { githubFromEnvironment } from "../../ci/github.ts";
import { addGithub, addSubject, dryRunOption, type SubjectFlags } from "../../ci/options.ts";
import { writeOutputs } from "../../ci/output.ts";
import { readSubject } from "../../ci/subject.ts";

export function revokeCommand(): Command {
  return addGithub(addSubject(new Command("revoke")))
    .description("After a push to a fork's or a bot's pull request: take its gate labels away.")
    .addOption(dryRunOption())
    .addHelpText(
      "after",
      `
For a pull request of the repository itself it does nothing. It reads no code: it may run on pull_request_target.

Example:
  perch ci revoke`,
    )
    .action(run);
}

async function run(flags: SubjectFlags): Promise<void> {
  const { repo, pr } = await readSubject(flags);
  const repository = await githubFromEnvironment(repo, flags.apiUrl);
  const { revokeGateLabels } = await import("@perch/engine/github");
  const { remove } = await revokeGateLabels(repository, pr, flags.dryRun === true);
  const text =
    remove.length === 0 ? "No label to take away.\n" : remove.map((label) => `- ${label}\n`).join("");
  await writeOutputs({ removed: remove }, { json: flags.json, text });
}
