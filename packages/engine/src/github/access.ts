import { githubApiUrl } from "@perch/core";
import type { Octokit } from "octokit";
import { openGithub } from "./client.ts";
import type { GithubIdentity } from "./credentials.ts";

/** How repositories of a host are reached. */
export interface GithubAccess {
  /** Throws octokit's RequestError when the App's installation cannot be found. */
  of(repo: string): Promise<RepositoryAccess>;
  /** GitHub refused: next time the installation is looked for anew. */
  forget(repo: string): void;
}

/** How one repository is reached. */
export interface RepositoryAccess {
  readonly octokit: Octokit;
  /** A token that git may show, valid for some minutes at least. */
  token(): Promise<string>;
}

/**
 * Finds how to reach repositories: with a token the same way for all, with an App by the installation that each has.
 * @param host root of GitHub's web pages, `https://github.com`.
 * @param timeout milliseconds that one request may take.
 */
export function githubAccess(host: string, identity: GithubIdentity, timeout: number): GithubAccess {
  const baseUrl = githubApiUrl(host);
  if ("token" in identity) {
    const octokit = openGithub({ baseUrl, timeout, credentials: identity });
    const access = { octokit, token: async () => identity.token };
    return { of: async () => access, forget: () => undefined };
  }
  const asApp = openGithub({ baseUrl, timeout, credentials: identity });
  const byInstallation = new Map<number, RepositoryAccess>();
  const byRepo = new Map<string, RepositoryAccess>();

  async function find(repo: string): Promise<RepositoryAccess> {
    const [owner = "", name = ""] = repo.split("/");
    const { data } = await asApp.request("GET /repos/{owner}/{repo}/installation", { owner, repo: name });
    const credentials = { ...identity, installationId: data.id };
    // One for all repositories of an installation: they share its token.
    const found = byInstallation.get(data.id) ?? installation(openGithub({ baseUrl, timeout, credentials }));
    byInstallation.set(data.id, found);
    byRepo.set(repo, found);
    return found;
  }

  return {
    of: async (repo) => byRepo.get(repo) ?? find(repo),
    forget: (repo) => {
      byRepo.delete(repo);
    },
  };
}

function installation(octokit: Octokit): RepositoryAccess {
  return {
    octokit,
    token: async () => ((await octokit.auth({ type: "installation" })) as { token: string }).token,
  };
}
