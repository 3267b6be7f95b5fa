import { isTag, PerchError } from "@perch/core";
import { Command } from "commander";
import { configOption, jsonOption } from "../options.ts";
import { findProject, readConfig } from "../project.ts";
import { imageOf } from "../promotion/image.ts";
import { type MoveFlags, moveStable } from "../promotion/move.ts";
import { openOverlay } from "../promotion/overlay-file.ts";
import { type ImageRepository, openRepository } from "../registry/client.ts";
import { parseImageName } from "../registry/image.ts";

interface Flags extends MoveFlags {
  readonly to?: string;
  readonly config?: string;
}

export function promoteCommand(): Command {
  return new Command("promote")
    .argument("<service>", "service of perch.yaml")
    .option("--to <tag|digest>", "what to make stable (default: the tag main)")
    .option("--dry-run", "show what would change, and write nothing")
    .option("-y, --yes", "do not ask")
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
An image that the registry does not have is refused, and so is one of a pull request: it was not built from the default branch.
Credentials: \`docker login\`, or PERCH_REGISTRY_USER and PERCH_REGISTRY_PASSWORD.

Examples:
  perch promote api --to 0123456789ab
  perch promote api --to sha256:… --dry-run`,
    )
    .action(run);
}

async function run(service: string, flags: Flags): Promise<void> {
  const project = await findProject(flags.config);
  const config = await readConfig(project);
  const overlay = await openOverlay(project.folder, config, service);
  const image = imageOf(config, service);
  const tag = await tagFor(await openRepository(parseImageName(image)), image, flags.to ?? "main");
  await moveStable(service, overlay, tag, flags);
}

/** The tag to write: of an image that is there, and that no pull request made. */
async function tagFor(repository: ImageRepository, image: string, wanted: string): Promise<string> {
  if (/^sha256:[0-9a-f]{64}$/.test(wanted)) return tagOfDigest(repository, image, wanted);
  if (!isTag(wanted)) throw refused(image, wanted, "that is neither a tag nor a digest");
  if (isOfPullRequest(wanted)) throw refused(image, wanted, "it was built from a pull request's head");
  if ((await repository.digest(wanted)) === undefined)
    throw refused(image, wanted, "the registry does not have it");
  return wanted;
}

/** The overlay holds a tag, which is also the revision that pods tell: so a digest is promoted by one that it has. */
async function tagOfDigest(repository: ImageRepository, image: string, digest: string): Promise<string> {
  for (const tag of await repository.tags()) {
    if (!isOfPullRequest(tag) && (await repository.digest(tag)) === digest) return tag;
  }
  throw refused(image, digest, "no tag of the registry points at it, but for those of pull requests");
}

function isOfPullRequest(tag: string): boolean {
  return tag.startsWith("pr-");
}

function refused(image: string, wanted: string, why: string): PerchError {
  return new PerchError({
    code: "IMAGE_NOT_FOUND",
    message: `${image} is not promoted to ${JSON.stringify(wanted.slice(0, 200))}: ${why}.`,
    hint: "Nothing was written. Push an image of the default branch, tagged with its commit, and promote that.",
    fault: "user",
  });
}
