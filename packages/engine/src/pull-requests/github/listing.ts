import { asksForCanaries, type PullRequest } from "@perch/core";
import type { Api } from "./api.ts";
import { GithubFailure, lyingAnswer } from "./failure.ts";
import { isCommit, type ListedPullRequest, parseIsClosed, parsePullRequest } from "./parse.ts";

/** Oldest first, so that a new one changes only the last page, and 304 is the answer to the others. */
const OPEN = "/pulls?state=open&sort=created&direction=asc";

export interface Listing {
  readonly open: readonly ListedPullRequest[];
  /** Seen before, and now neither in the list nor there by itself. */
  readonly hidden: readonly PullRequest[];
}

/**
 * The open pull requests. One that has gone from the list counts as closed only when GitHub says so of it by itself: an empty or a cut list,
 * and one that changed between two pages, would close canaries.
 * @param known what was seen last
 * @param isHidden whether a pull request was found to be hidden a moment ago: it is not asked for anew
 * @throws GithubFailure
 */
export async function listOpen(
  api: Api,
  repo: string,
  known: readonly PullRequest[],
  isHidden: (number: number) => boolean,
): Promise<Listing> {
  const open = new Map<number, ListedPullRequest>();
  for (const item of await api.list(OPEN, "which pull requests are open")) {
    const pullRequest = parsePullRequest(item);
    if (pullRequest === undefined) throw lyingAnswer(repo, "an entry of the list is no pull request");
    open.set(pullRequest.number, pullRequest);
  }
  const hidden: PullRequest[] = [];
  for (const one of known) {
    const isAbsent = !open.has(one.number) && one.gate?.labels.some(asksForCanaries);
    if (isAbsent && (isHidden(one.number) || !(await isClosed(api, repo, one.number)))) hidden.push(one);
  }
  return { open: [...open.values()], hidden };
}

/** False: GitHub has no such pull request. @throws GithubFailure for one that is open */
async function isClosed(api: Api, repo: string, number: number): Promise<boolean> {
  const answer = await api
    .get(`/pulls/${number}`, `whether pull request ${number} is closed`)
    .catch((error: unknown) => {
      if (error instanceof GithubFailure && error.isNotFound) return undefined;
      throw error;
    });
  if (answer === undefined) return false;
  if (parseIsClosed(answer) === true) return true;
  throw lyingAnswer(repo, `its list leaves out pull request ${number}, which is open`);
}

/** Commit of the default branch. */
export async function stableHead(api: Api, repo: string): Promise<string> {
  // https://docs.github.com/rest/commits/commits#get-a-commit: the hash alone, instead of the whole change.
  const sha = await api.get("/commits/HEAD", "where the default branch is", "application/vnd.github.sha");
  // octokit decodes only types that it knows.
  const commit = (sha instanceof ArrayBuffer ? Buffer.from(sha).toString() : String(sha)).trim();
  if (!isCommit(commit)) throw lyingAnswer(repo, "the head of its default branch is no commit");
  return commit;
}
