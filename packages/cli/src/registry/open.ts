import { githubFromEnvironment } from "../ci/github.ts";
import { type ImageTags, openRepository } from "./client.ts";
import { parseImageName } from "./image.ts";

/** GitHub's registry answers no OCI deletion: its packages are removed by GitHub's own API. */
const GITHUB_REGISTRY = "ghcr.io";

/**
 * The tags of an image, wherever it is.
 * @param name without a tag: `ghcr.io/acme/api`
 * @param apiUrl root of GitHub's API, for images on ghcr.io; the token is in GITHUB_TOKEN
 */
export async function openImageTags(name: string, apiUrl: string | undefined): Promise<ImageTags> {
  const image = parseImageName(name);
  if (image.host !== GITHUB_REGISTRY) return openRepository(image);
  const { octokit } = await githubFromEnvironment(image.path, apiUrl);
  const { githubPackage } = await import("@perch/engine/github");
  return githubPackage(octokit, image.path);
}
