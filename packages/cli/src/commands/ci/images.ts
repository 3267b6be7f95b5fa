import { Command } from "commander";
import { addGithub } from "../../ci/options.ts";
import { writeOutputs } from "../../ci/output.ts";
import { jsonOption, pullRequestNumber } from "../../options.ts";
import { findProject, readConfig } from "../../project.ts";
import { dueAtGithub } from "../../promotion/due.ts";
import { type ClosedImage, closedImages } from "../../promotion/images.ts";

interface Flags {
  readonly pr: number;
  readonly remove?: true;
  readonly config?: string;
  readonly apiUrl?: string;
  readonly json?: boolean;
}

export function imagesCommand(): Command {
  return addGithub(new Command("images"))
    .description("The images of a closed pull request, of every service: lists them, or removes them.")
    .requiredOption("--pr <number>", "the pull request, which must be closed", pullRequestNumber)
    .option("--remove", "remove them")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Nothing is removed before the pull request was closed for canary.keepImages, nor after it was opened again: GitHub is asked where
there is a GITHUB_TOKEN, which canary.keepImages and images on ghcr.io need.
An image that another tag needs too, such as stable's, stays: many registries delete only what a tag points at.

Example:
  perch ci images --pr 7 --remove`,
    )
    .action(run);
}

async function run({ pr, remove, config: file, apiUrl, json }: Flags): Promise<void> {
  const config = await readConfig(await findProject(file));
  const isAsked = Boolean(process.env.GITHUB_TOKEN) || config.canary.keepImages > 0;
  const isDueThere = isAsked ? dueAtGithub(config, apiUrl, Date.now()) : async () => true;
  const isDue = async (repo: string, one: number) => one === pr && (await isDueThere(repo, one));
  const found = await closedImages(config, { remove: remove === true, isDue, apiUrl });
  const [images, left] = [found.images.map(nameOf), found.left.map(nameOf)];
  const lines = [
    ...images.map((image) => (remove === true ? `removed ${image}` : image)),
    ...left.map((image) => `left ${image}: the registry cannot take the tag away alone`),
  ];
  const text = lines.length === 0 ? "There are none.\n" : `${lines.join("\n")}\n`;
  await writeOutputs({ images, left }, { json, text });
}

function nameOf({ image }: ClosedImage): string {
  return image;
}
