import { imageTag } from "@perch/core";
import { Command } from "commander";
import { addSubject, type SubjectFlags, serviceList } from "../../ci/options.ts";
import { writeOutputs } from "../../ci/output.ts";
import { readSubjectWithHead } from "../../ci/subject.ts";
import { configOption } from "../../options.ts";
import { findProject, readConfig } from "../../project.ts";
import { imageOf } from "../../promotion/image.ts";
import { openOverlay } from "../../promotion/overlay-file.ts";
import { openRepository } from "../../registry/client.ts";
import { parseImageName } from "../../registry/image.ts";

interface Flags extends SubjectFlags {
  readonly services: readonly string[];
  readonly from?: string;
}

export function retagCommand(): Command {
  return addSubject(new Command("retag"))
    .description(
      "Gives services that a head does not change an image of that head: what stable runs, under the head's tag.",
    )
    .requiredOption("--services <names>", "services, separated by commas", serviceList)
    .option("--from <tag>", "the tag to start from; empty or absent: stable's, in manifests/stable/<service>")
    .addOption(configOption())
    .addHelpText(
      "after",
      `
Examples:
  perch ci retag --services api,store
  perch ci retag --services api --from main      # where manifests/ is in another repository`,
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { pr, head } = await readSubjectWithHead(flags);
  const project = await findProject(flags.config);
  const config = await readConfig(project);
  const to = imageTag(pr, head);
  const images: string[] = [];
  for (const service of flags.services) {
    const image = imageOf(config, service);
    const from = flags.from || (await openOverlay(project.folder, config, service)).tag;
    await (await openRepository(parseImageName(image))).copyTag(from, to);
    images.push(`${image}:${to}`);
  }
  await writeOutputs({ images }, { json: flags.json, text: images.map((image) => `${image}\n`).join("") });
}
