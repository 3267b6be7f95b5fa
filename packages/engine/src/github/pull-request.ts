import { type CiPullRequest, isTrusted } from "@perch/core";
import { ask, isMissing } from "./failure.ts";
import type { GithubRepository } from "./repository.ts";

/**
 * A pull request as it is now, with all of its labels.
 * @throws PerchError GITHUB_REFUSED, GITHUB_FAILED
 */
export async function readPullRequest(
  { octokit, place, fullName }: GithubRepository,
  number: number,
): Promise<CiPullRequest> {
  const { data } = await ask(`show ${fullName}#${number}`, () =>
    octokit.rest.pulls.get({ ...place, pull_number: number }),
  );
  return {
    repo: fullName,
    number,
    head: data.head.sha,
    isOpen: data.state === "open",
    isTrusted: isTrusted({
      repo: fullName,
      source: data.head.repo?.full_name,
      isBot: data.user?.type !== "User",
    }),
    labels: data.labels.map(({ name }) => name),
  };
}

/**
 * When a pull request was closed, in milliseconds since the epoch; undefined: it is open, or there is none of that number.
 * @throws PerchError GITHUB_REFUSED, GITHUB_FAILED
 */
export async function readClosedAt(
  { octokit, place, fullName }: GithubRepository,
  number: number,
): Promise<number | undefined> {
  const found = await ask(`show ${fullName}#${number}`, () =>
    octokit.rest.pulls.get({ ...place, pull_number: number }).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    }),
  );
  if (found?.data.state !== "closed" || !found.data.closed_at) return undefined;
  return Date.parse(found.data.closed_at);
}

/** Open pull requests of a repository, with their labels; newest first. */
export async function readOpenPullRequests({
  octokit,
  place,
  fullName,
}: GithubRepository): Promise<{ number: number; labels: string[] }[]> {
  const found = await ask(`list pull requests of ${fullName}`, () =>
    octokit.paginate(octokit.rest.pulls.list, { ...place, state: "open", per_page: 100 }),
  );
  return found.map(({ number, labels }) => ({ number, labels: labels.map(({ name }) => name) }));
}

/** Closed pull requests that carry a label; newest first. */
export async function readClosedWithLabel(
  { octokit, place, fullName }: GithubRepository,
  label: string,
): Promise<{ number: number; labels: string[] }[]> {
  const found = await ask(`list closed pull requests of ${fullName}`, () =>
    octokit.paginate(octokit.rest.issues.listForRepo, {
      ...place,
      state: "closed",
      labels: label,
      per_page: 100,
    }),
  );
  return found
    .filter(({ pull_request }) => pull_request !== undefined)
    .map(({ number, labels }) => ({
      number,
      labels: labels.map((one) => (typeof one === "string" ? one : (one.name ?? ""))),
    }));
}
