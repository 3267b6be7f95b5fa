import { PerchError, type PerchErrorData } from "@perch/core";
import { githubAccess } from "../../github/access.ts";
import { gitAuthorization, githubRemote } from "../../github/host.ts";
import { git, unreachable } from "../git/git.ts";
import { openApi } from "./api.ts";
import { stableHead } from "./listing.ts";
import type { GithubSources } from "./open.ts";

/** What was asked of one repository. */
export interface GithubCheck {
  /** Where git reads it. */
  readonly remote: string;
  /** Absent: pull requests and commits can be read. */
  readonly problem?: PerchErrorData;
}

/** Asks GitHub, and git, for what the source of a repository will ask for. It only reads. */
export async function checkGithub(
  { host, identity, timeout, remotes }: GithubSources,
  repo: string,
): Promise<GithubCheck> {
  const remote = remotes.get(repo) ?? githubRemote(host, repo);
  const access = githubAccess(host, identity, timeout);
  const { signal } = new AbortController();
  const api = openApi({ repo, access, signal: () => signal });
  try {
    await api.get("/pulls?state=open&per_page=1", "which pull requests are open");
    await stableHead(api, repo);
    const env = gitAuthorization(host, await (await access.of(repo)).token());
    await git(["ls-remote", "--quiet", "--", remote, "HEAD"], { cwd: ".", env, timeout }).catch((cause) => {
      throw unreachable(remote, cause);
    });
    return { remote };
  } catch (error) {
    if (!(error instanceof PerchError)) throw error;
    const { code, message, hint, fault } = error;
    return { remote, problem: { code, message, hint, fault } };
  }
}
