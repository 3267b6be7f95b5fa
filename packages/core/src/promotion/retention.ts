import { imageTagPr } from "../ci/tag.ts";

/** Tags of one service's images, by what is to become of them. */
export interface Retention {
  /** Of pull requests that are closed: nothing needs them. */
  readonly removable: readonly string[];
  /** Of open pull requests, of stable, and of whatever else is there. */
  readonly kept: readonly string[];
}

/**
 * Which images go. All heads of an open pull request stay: a force-push may bring an earlier one back.
 * @param isClosed says of a pull request whether it is closed
 */
export function imageRetention(tags: readonly string[], isClosed: (pr: number) => boolean): Retention {
  const isRemovable = (tag: string) => {
    const pr = imageTagPr(tag);
    return pr !== undefined && isClosed(pr);
  };
  return {
    removable: tags.filter(isRemovable),
    kept: tags.filter((tag) => !isRemovable(tag)),
  };
}
