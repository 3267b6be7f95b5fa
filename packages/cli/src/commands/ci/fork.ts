import { imageTag, requireForkHead, revisionOf } from "@perch/core";
import { Command } from "commander";
import { githubFromEnvironment } from "../../ci/github.ts";
import { addGithub, addSubject, type SubjectFlags } from "../../ci/options.ts";
import { writeOutputs } from "../../ci/output.ts";
import { readSubjectWithHead } from "../../ci/subject.ts";

export function forkCommand(): Command {
  return addGithub(addSubject(new Command("fork")))
    .description(
      "Whether a head of a fork or a bot may be built: the one that a maintainer names, as long as it is the head.",
    )
    .addHelpText(
      "after",
      `
Exit code 4 when the head has moved, or the pull request is closed: then nobody has read what is there now.

Example:
  perch ci fork --pr 7 --head 0123456789abcdef0123456789abcdef01234567`,
    )
    .action(run);
}

async function run(flags: SubjectFlags): Promise<void> {
  const { repo, pr, head } = await readSubjectWithHead(flags);
  const repository = await githubFromEnvironment(repo, flags.apiUrl);
  const { readPullRequest } = await import("@perch/engine/github");
  requireForkHead(await readPullRequest(repository, pr), head);
  const tag = imageTag(pr, head);
  await writeOutputs(
    { tag, pr, head, revision: revisionOf(head), trusted: false },
    { json: flags.json, text: `${tag}\n` },
  );
}
