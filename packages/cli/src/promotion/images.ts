import { type Config, imageRetention, imageTagPr } from "@perch/core";
import { openImageTags } from "../registry/open.ts";
import { imageOf } from "./image.ts";

/** Images of closed pull requests. */
export interface ClosedImages {
  /** Those that can go, or, if they were to be removed, those that are gone now. */
  readonly images: readonly ClosedImage[];
  /** Those that stay: the registry deletes only what a tag points at, and another tag needs that. */
  readonly left: readonly ClosedImage[];
}

export interface ClosedImage {
  /** With its tag. */
  readonly image: string;
  /** `owner/name` of the pull request's repository. */
  readonly repo: string;
  readonly pr: number;
}

export interface ClosedImagesOptions {
  readonly remove: boolean;
  /** Says of a pull request whether its images are to go. */
  readonly isDue: (repo: string, pr: number) => Promise<boolean>;
  readonly apiUrl?: string | undefined;
}

/** Finds, and removes, the images of closed pull requests, of every service. */
export async function closedImages(
  config: Config,
  { remove, isDue, apiUrl }: ClosedImagesOptions,
): Promise<ClosedImages> {
  const images: ClosedImage[] = [];
  const left: ClosedImage[] = [];
  for (const { name, repo } of config.services.values()) {
    const image = imageOf(config, name);
    const tags = await openImageTags(image, apiUrl);
    const found = await tags.tags();
    const due = new Set<number>();
    for (const pr of new Set(found.flatMap((tag) => imageTagPr(tag) ?? [])))
      if (await isDue(repo, pr)) due.add(pr);
    const { removable } = imageRetention(found, (pr) => due.has(pr));
    const goesToo = (tag: string) => removable.includes(tag);
    for (const tag of removable) {
      const goes = remove ? await tags.removeTag(tag, goesToo) : !(await tags.isShared(tag, goesToo));
      (goes ? images : left).push({ image: `${image}:${tag}`, repo, pr: imageTagPr(tag) ?? 0 });
    }
  }
  return { images, left };
}
