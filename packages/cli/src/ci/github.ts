import { PerchError } from "@perch/core";
import type { GithubRepository } from "@perch/engine/github";

/**
 * A repository of GitHub, as the owner of GITHUB_TOKEN: the environment, since arguments are seen by every process.
 * @throws PerchError USAGE when there is no token
 */
export async function githubFromEnvironment(
  repo: string,
  apiUrl: string | undefined,
): Promise<GithubRepository> {
  const token = process.env.GITHUB_TOKEN;
  if (token === undefined || token === "") throw noToken();
  // Loaded only here: commands that do not ask GitHub start without its library.
  const { githubRepository, openGithub } = await import("@perch/engine/github");
  const baseUrl = apiUrl?.replace(/\/$/, "");
  return githubRepository(
    openGithub({ credentials: { token }, ...(baseUrl === undefined ? {} : { baseUrl }) }),
    repo,
  );
}

function noToken(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "There is no token to ask GitHub with.",
    hint: "Set GITHUB_TOKEN; in a workflow, from github.token in the env of the step. docs/github.md has the permissions of each command.",
    fault: "user",
  });
}
