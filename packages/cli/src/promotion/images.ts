import { type Config, imageRetention } from "@perch/core";
import { openRepository } from "../registry/client.ts";
import { parseImageName } from "../registry/image.ts";
import { imageOf } from "./image.ts";

/** Images of closed pull requests. */
export interface ClosedImages {
  /** With their tags. Those that are there, or, if they were to be removed, those that are gone now. */
  readonly images: readonly string[];
  /** Those that could not be removed: the registry deletes only what a tag points at, and another tag needs that. */
  readonly left: readonly string[];
}

/**
 * Finds, and removes, the images of closed pull requests, of every service.
 * @param isClosed says of a pull request whether its images are to go
 */
export async function closedImages(
  config: Config,
  isClosed: (pr: number) => boolean,
  { remove }: { readonly remove: boolean },
): Promise<ClosedImages> {
  const images: string[] = [];
  const left: string[] = [];
  for (const service of config.services.keys()) {
    const image = imageOf(config, service);
    const repository = await openRepository(parseImageName(image));
    const { removable } = imageRetention(await repository.tags(), isClosed);
    for (const tag of removable) {
      const isGone = !remove || (await repository.removeTag(tag, (other) => removable.includes(other)));
      (isGone ? images : left).push(`${image}:${tag}`);
    }
  }
  return { images, left };
}
