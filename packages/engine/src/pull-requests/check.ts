import type { GithubCheck } from "./github/check.ts";
import type { GithubSources } from "./github/open.ts";

/** Asks GitHub, and git, for what the source of a repository will ask for. It only reads. */
export async function checkGithub(sources: GithubSources, repo: string): Promise<GithubCheck> {
  // Loaded only here: GitHub's client is large.
  const github = await import("./github/check.ts");
  return github.checkGithub(sources, repo);
}
