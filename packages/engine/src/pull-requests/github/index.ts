import { isDeepStrictEqual } from "node:util";
import { asksForCanaries, type PullRequest, type RepositoryObservation } from "@perch/core";
import { unreachable } from "../git/git.ts";
import { type Mirror, type RemoteHeads, startFetcher } from "../git/index.ts";
import type { PullRequestSource } from "../source.ts";
import { type ApiOptions, openApi } from "./api.ts";
import { startHidden } from "./hidden.ts";
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
  const hidden = startHidden(repo);
  let last: Seen = { pullRequests: [] };

  async function look(known: readonly PullRequest[]): Promise<RepositoryObservation> {
    const listing = await listOpen(api, repo, known, hidden.isKnown);
    const listed = listing.open;
    const kept = hidden.note(listing.hidden);
    const asking = listed.filter(({ labels }) => labels.some(asksForCanaries));
    const wanted = { defaultHead: await stableHead(api, repo), pullRequests: headsOf(asking) };
    let heads: Seen["heads"];
    try {
      heads = await fetcher.fetch(wanted, last.heads, ending);
    } catch (error) {
      return withoutClosed(listed, kept, unreachable(remote, error));
    }
    const pullRequests: PullRequest[] = [...kept];
    for (const one of listed) {
      ending.throwIfAborted();
      pullRequests.push(...(await read(one, heads, known)));
    }
    const numbers = new Set([...asking, ...kept].map(({ number }) => number));
    await vouching.lookEnded(numbers);
    api.lookEnded();
    last = { heads, pullRequests };
    // What it leaves is only room on the disk.
    await mirror.collect(numbers, ending).catch(() => undefined);
    return { repo, stableHead: heads.defaultHead, pullRequests };
  }

  /**
   * Where what is new cannot be fetched, as on a full disk, what was closed is closed all the same, and what lost a label: that is what
   * makes room. The next look tells the error.
   */
  function withoutClosed(
    listed: readonly ListedPullRequest[],
    kept: readonly PullRequest[],
    error: unknown,
  ): RepositoryObservation {
    const open = new Map(listed.map((one) => [one.number, one]));
    const numbers = new Set(kept.map(({ number }) => number));
    const pullRequests = last.pullRequests.flatMap((known) => {
      const one = open.get(known.number);
      if (one !== undefined) return [withGateOf(one, known)];
      return numbers.has(known.number) ? [known] : [];
    });
    if (last.heads === undefined || isDeepStrictEqual(pullRequests, last.pullRequests)) throw error;
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
    // It cannot be fetched, was pushed over since it was listed, or git lags behind the list. Until it is here it stays where it was.
    if (!heads.pullRequests.has(number)) return known === undefined ? [] : [await asKnown(one, known)];
    const gate = { labels, isDraft, isFork, vouched: await vouching.vouched(one) };
    const isRead =
      last.heads?.defaultHead === heads.defaultHead && last.heads.pullRequests.get(number) === head;
    const changedPaths =
      isRead && known !== undefined
        ? known.changedPaths
        : await mirror.changedPaths(heads.defaultHead, head, ending);
    return [{ ...seen, changedPaths, gate }];
  }

  /** What was seen of it before, with what its labels say now: who labels it need not wait for its head, which is its author's. */
  async function asKnown(one: ListedPullRequest, known: PullRequest): Promise<PullRequest> {
    const gated = withGateOf(one, known);
    const { labels, isDraft, isFork } = one;
    // A mirror that was damaged is made anew, and has not what was seen before.
    if (isFork || gated === known || !(await mirror.has(known.head))) return gated;
    const vouched = await vouching.vouched({ ...one, head: known.head });
    return { ...known, gate: { labels, isDraft, isFork, vouched } };
  }

  return {
    repo,
    remote,
    observe: (signal, known) => {
      ending = signal;
      return pace.run(() => look(known?.pullRequests ?? []));
    },
    problem: () => fetcher.problem() ?? hidden.problem(),
    api: api.use,
  };
}

interface Seen {
  readonly heads?: RemoteHeads;
  readonly pullRequests: readonly PullRequest[];
}

/**
 * The same where nobody is asked who vouches for labels: for the head that is here, nobody has for more of a fork's than before. That a
 * pull request of the repository itself has become a draft waits.
 */
function withGateOf({ labels, isDraft, isFork }: ListedPullRequest, known: PullRequest): PullRequest {
  const { gate } = known;
  // Nothing was read of one that asked for no canary.
  if (gate === undefined || !gate.labels.some(asksForCanaries)) return known;
  const vouched = gate.vouched.filter((label) => labels.includes(label));
  return { ...known, gate: { labels, isDraft: isFork ? isDraft : gate.isDraft, isFork, vouched } };
}

function headsOf(listed: readonly ListedPullRequest[]): Map<number, string> {
  return new Map(listed.map(({ number, head }) => [number, head]));
}
