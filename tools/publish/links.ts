import { posix } from "node:path";

/** Where the files of a release can be read. */
export interface Release {
  /** `owner/name` at GitHub. */
  readonly repository: string;
  readonly tag: string;
}

/**
 * A page of a package whose relative links lead to the release's files at GitHub: npm shows it without the rest of the repository.
 * @param path of the page in the repository
 * @param kept a folder that is published along with the page; links that stay in it stay as they are
 */
export function withReleaseLinks(text: string, path: string, release: Release, kept?: string): string {
  return text.replace(/\]\((?![a-z]+:|#)([^()\s]+)\)/g, (link, target: string) => {
    const [file = "", fragment] = target.split("#");
    const found = posix.join(posix.dirname(path), file);
    if (kept !== undefined && found.startsWith(`${kept}/`)) return link;
    const page = `https://github.com/${release.repository}/blob/${release.tag}/${found}`;
    return `](${fragment === undefined ? page : `${page}#${fragment}`})`;
  });
}
