import type { Config } from "@perch/core";
import { githubFromEnvironment } from "../ci/github.ts";

/**
 * Says of pull requests whether they were closed `canary.keepImages` ago or longer, as GitHub has it; each is asked for once.
 * @param apiUrl root of GitHub's API; the token is in GITHUB_TOKEN
 * @param now milliseconds since the epoch
 */
export function dueAtGithub(
  { canary }: Config,
  apiUrl: string | undefined,
  now: number,
): (repo: string, pr: number) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  const ask = async (repo: string, pr: number) => {
    const { readClosedAt } = await import("@perch/engine/github");
    const closedAt = await readClosedAt(await githubFromEnvironment(repo, apiUrl), pr);
    // GitHub's clock may be ahead of this one.
    return closedAt !== undefined && Math.max(0, now - closedAt) >= canary.keepImages;
  };
  return (repo, pr) => {
    const key = `${repo}#${pr}`;
    const answer = known.get(key) ?? ask(repo, pr);
    known.set(key, answer);
    return answer;
  };
}
