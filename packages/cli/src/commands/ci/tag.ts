import { imageTag, revisionOf } from "@perch/core";
import { Command } from "commander";
import { addSubject, type SubjectFlags } from "../../ci/options.ts";
import { writeOutputs } from "../../ci/output.ts";
import { readSubjectWithHead } from "../../ci/subject.ts";

export function tagCommand(): Command {
  return addSubject(new Command("tag"))
    .description("The image tag of a pull request's head: pr-<number>-<12 hex digits>.")
    .addHelpText(
      "after",
      `
Examples:
  perch ci tag                    # in a workflow on pull_request
  perch ci tag --repo acme/shop --pr 7 --head "$(git rev-parse HEAD)"`,
    )
    .action(run);
}

async function run(flags: SubjectFlags): Promise<void> {
  const { pr, head, trusted = false } = await readSubjectWithHead(flags);
  const tag = imageTag(pr, head);
  await writeOutputs(
    { tag, pr, head, revision: revisionOf(head), trusted },
    { json: flags.json, text: `${tag}\n` },
  );
}
