import { Command } from "commander";
import { writeOutputs } from "../../ci/output.ts";
import { configOption, jsonOption, pullRequestNumber } from "../../options.ts";
import { findProject, readConfig } from "../../project.ts";
import { closedImages } from "../../promotion/images.ts";

interface Flags {
  readonly pr: number;
  readonly remove?: true;
  readonly config?: string;
  readonly json?: boolean;
}

export function imagesCommand(): Command {
  return new Command("images")
    .description("The images of a closed pull request, of every service: lists them, or removes them.")
    .requiredOption("--pr <number>", "the pull request, which must be closed", pullRequestNumber)
    .option("--remove", "remove them")
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
An image that another tag needs too, such as stable's, stays: many registries delete only what a tag points at.

Example:
  perch ci images --pr 7 --remove`,
    )
    .action(run);
}

async function run({ pr, remove, config: file, json }: Flags): Promise<void> {
  const config = await readConfig(await findProject(file));
  const { images, left } = await closedImages(config, (one) => one === pr, { remove: remove === true });
  const lines = [
    ...images.map((image) => (remove === true ? `removed ${image}` : image)),
    ...left.map((image) => `left ${image}: the registry cannot take the tag away alone`),
  ];
  const text = lines.length === 0 ? "There are none.\n" : `${lines.join("\n")}\n`;
  await writeOutputs({ images, left }, { json, text });
}
