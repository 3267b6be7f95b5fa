import { asksForCanaries, type PullRequest, type RepositoryObservation } from "@perch/core";
import { unreachable } from "../git/git.ts";
import { type Mirror, type RemoteHeads, startFetcher } from "../git/index.ts";
import type { PullRequestSource } from "../source.ts";
import { type ApiOptions, openApi } from "./api.ts";
import { listOpen, stableHead } from "./listing.ts";
import { type RateLimit, startPace } from "./pace.ts";
import type { ListedPullRequest } from "./parse.ts";
import { startVouching } from "./vouching.ts";

export { openGithubSources } from "./open.ts";

/** What the source is made of. */
export interface GithubSourceOptions extends Omit<ApiOptions, "signal"> {
  /** For a person. */
  readonly remote: string;
  readonly mirror: Mirror;
  /** Of the credential. */
  readonly rateLimit: RateLimit;
}

/**
 * GitHub's API as the source of pull requests, with their labels, drafts and forks; git for commits and changed paths, which has no limit and
 * compares with what stable runs, whatever branch a pull request targets.
 */
export function githubSource(options: GithubSourceOptions): PullRequestSource {
  const { repo, remote, mirror, rateLimit } = options;
  let ending = new AbortController().signal;
  const api = openApi({ ...options, signal: () => ending });
  const vouching = startVouching(repo, api, mirror);
  const pace = startPace(rateLimit);
  const fetcher = startFetcher(remote, mirror);
  let last: Seen = { pullRequests: [] };

  async function look(known: readonly PullRequest[]): Promise<RepositoryObservation> {
    const listed = await listOpen(api, repo, known);
    const asking = listed.filter(({ labels }) => labels.some(asksForCanaries));
    const wanted = { defaultHead: await stableHead(api, repo), pullRequests: headsOf(asking) };
    let heads: Seen["heads"];
    try {
      heads = await fetcher.fetch(wanted, last.heads, ending);
    } catch (error) {
      return withoutClosed(listed, unreachable(remote, error));
    }
    const pullRequests: PullRequest[] = [];
    for (const one of listed) pullRequests.push(...(await read(one, heads, known)));
    await vouching.lookEnded(asking);
    api.lookEnded();
    last = { heads, pullRequests };
    // What it leaves is only room on the disk.
    await mirror.collect(new Set(wanted.pullRequests.keys()), ending).catch(() => undefined);
    return { repo, stableHead: heads.defaultHead, pullRequests };
  }

  /**
   * Where what is new cannot be fetched, as on a full disk, what was closed is closed all the same: that is what makes room. The next
   * look tells the error.
   */
  function withoutClosed(listed: readonly ListedPullRequest[], error: unknown): RepositoryObservation {
    const open = new Set(listed.map(({ number }) => number));
    const pullRequests = last.pullRequests.filter(({ number }) => open.has(number));
    if (last.heads === undefined || pullRequests.length === last.pullRequests.length) throw error;
    const { defaultHead } = last.heads;
    last = { ...last, pullRequests };
    return { repo, stableHead: defaultHead, pullRequests };
  }

  async function read(
    one: ListedPullRequest,
    heads: RemoteHeads,
    before: readonly PullRequest[],
  ): Promise<PullRequest[]> {
    const { number, head, title, labels, isDraft, isFork } = one;
    const seen = { repo, number, head, title };
    if (!labels.some(asksForCanaries))
      return [{ ...seen, changedPaths: [], gate: { labels, isDraft, isFork, vouched: [] } }];
    const seenLast = last.heads === undefined ? before : last.pullRequests;
    const known = seenLast.find((other) => other.number === number);
    // It cannot be fetched, was pushed over since it was listed, or git lags behind the list. Until it is here it stays as it was.
    if (!heads.pullRequests.has(number)) return known === undefined ? [] : [known];
    const gate = { labels, isDraft, isFork, vouched: await vouching.vouched(one) };
    const isRead =
      last.heads?.defaultHead === heads.defaultHead && last.heads.pullRequests.get(number) === head;
    const changedPaths =
      isRead && known !== undefined ? known.changedPaths : await mirror.changedPaths(heads.defaultHead, head);
    return [{ ...seen, changedPaths, gate }];
  }

  return {
    repo,
    remote,
    observe: (signal, known) => {
      ending = signal;
      return pace.run(() => look(known?.pullRequests ?? []));
    },
    problem: fetcher.problem,
    api: api.use,
  };
}

interface Seen {
  readonly heads?: RemoteHeads;
  readonly pullRequests: readonly PullRequest[];
}

function headsOf(listed: readonly ListedPullRequest[]): Map<number, string> {
  return new Map(listed.map(({ number, head }) => [number, head]));
}
