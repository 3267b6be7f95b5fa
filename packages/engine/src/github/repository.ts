import type { Octokit } from "octokit";

/** A repository, and as whom it is asked. */
export interface GithubRepository {
  readonly octokit: Octokit;
  /** `owner/name`, as in perch.yaml. */
  readonly fullName: string;
  /** As octokit's calls take it. */
  readonly place: { readonly owner: string; readonly repo: string };
}

/** @param fullName `owner/name` */
export function githubRepository(octokit: Octokit, fullName: string): GithubRepository {
  const [owner = "", repo = ""] = fullName.split("/");
  return { octokit, fullName, place: { owner, repo } };
}
