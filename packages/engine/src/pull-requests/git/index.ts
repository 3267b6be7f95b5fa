import type { PullRequest, RepositoryObservation } from "@perch/core";
import type { PullRequestSource } from "../source.ts";
import { startFetcher } from "./fetch.ts";
import { git, unreachable } from "./git.ts";
import { LS_REMOTE_PATTERNS, parseLsRemote, type RemoteHeads } from "./ls-remote.ts";
import type { Mirror } from "./mirror.ts";
import { watchRefs } from "./watch.ts";

export { startFetcher } from "./fetch.ts";
export type { RemoteHeads } from "./ls-remote.ts";
export { type Mirror, openMirror } from "./mirror.ts";
export { openGit } from "./open.ts";

/** Milliseconds that a remote may take to list its refs. */
const LIST_TIMEOUT = 20_000;

/**
 * A git remote as the source of pull requests: each `refs/pull/<N>/head` that is not merged yet is an open one, with the
 * subject of its head commit as its title. It needs no token, and knows no labels, drafts or authors.
 */
export function gitSource(repo: string, remote: string, mirror: Mirror): PullRequestSource {
  let last: Seen | undefined;
  const fetcher = startFetcher(remote, mirror);
  return {
    repo,
    remote,
    problem: fetcher.problem,
    watch: (changed, signal) => watchRefs(remote, changed, signal),
    observe: async (signal, known) => {
      let listed: RemoteHeads | undefined;
      try {
        listed = await listHeads(remote, mirror.path, signal);
        // What failed may have been closed since, or pushed back to what is here.
        const isSame = last !== undefined && sameHeads(last.heads, listed) && fetcher.problem() === undefined;
        if (last === undefined || !isSame) {
          const heads = await fetcher.fetch(listed, last?.heads, signal);
          const before = (last?.observation ?? known)?.pullRequests ?? [];
          last = { heads, observation: await read(repo, mirror, listed, heads, last, before, signal) };
          // What it leaves is only room on the disk.
          await mirror.collect(new Set(listed.pullRequests.keys()), signal).catch(() => undefined);
        }
        return last.observation;
      } catch (error) {
        const closed = listed === undefined || last === undefined ? undefined : withoutClosed(last, listed);
        if (closed === undefined) throw unreachable(remote, error);
        last = closed;
        return last.observation;
      }
    },
  };
}

/** Commits do not change: what was read of the same heads holds. */
interface Seen {
  readonly heads: RemoteHeads;
  readonly observation: RepositoryObservation;
}

/**
 * Where what is new cannot be fetched, as on a full disk, what was closed is closed all the same: that is what makes room.
 * `undefined`: nothing was. The next look tells the error.
 */
function withoutClosed({ heads, observation }: Seen, now: RemoteHeads): Seen | undefined {
  const open = observation.pullRequests.filter(({ number }) => now.pullRequests.has(number));
  if (open.length === observation.pullRequests.length) return undefined;
  const pullRequests = new Map([...heads.pullRequests].filter(([number]) => now.pullRequests.has(number)));
  return { heads: { ...heads, pullRequests }, observation: { ...observation, pullRequests: open } };
}

async function listHeads(remote: string, cwd: string, signal: AbortSignal): Promise<RemoteHeads> {
  const args = ["ls-remote", "--quiet", "--", remote, ...LS_REMOTE_PATTERNS];
  const heads = parseLsRemote(await git(args, { cwd, timeout: LIST_TIMEOUT, signal }));
  if (heads === undefined) throw new Error("it has no commit on its default branch (HEAD)");
  return heads;
}

function sameHeads(a: RemoteHeads, b: RemoteHeads): boolean {
  return (
    a.defaultHead === b.defaultHead &&
    a.pullRequests.size === b.pullRequests.size &&
    [...a.pullRequests].every(([number, commit]) => b.pullRequests.get(number) === commit)
  );
}

/**
 * @param listed what the remote has.
 * @param heads what of it is here.
 * @param before pull requests as they were seen last.
 */
async function read(
  repo: string,
  mirror: Mirror,
  listed: RemoteHeads,
  heads: RemoteHeads,
  last: Seen | undefined,
  before: readonly PullRequest[],
  signal: AbortSignal,
): Promise<RepositoryObservation> {
  const sameBase = last?.heads.defaultHead === heads.defaultHead;
  const knownByNumber = new Map(before.map((pullRequest) => [pullRequest.number, pullRequest]));
  const pullRequests: PullRequest[] = [];
  for (const [number, head] of listed.pullRequests) {
    // There may be thousands, and the engine's end waits for this.
    signal.throwIfAborted();
    const known = knownByNumber.get(number);
    const isRead = known?.head === head && last?.heads.pullRequests.get(number) === head;
    if (!heads.pullRequests.has(number)) {
      // It cannot be fetched, or was pushed over since it was listed. Until it is here it stays as it was.
      if (known !== undefined) pullRequests.push(known);
    } else if (!isRead) {
      // A ref may be pushed to anything; one that is no commit must not hold up all others.
      if (!(await mirror.isCommit(head))) continue;
      pullRequests.push(await readPullRequest(repo, mirror, number, head, heads.defaultHead, signal));
    } else if (sameBase) pullRequests.push(known);
    // A remote may have thousands: only what the default branch may have changed is read again.
    else {
      const changedPaths = await mirror.changedPaths(heads.defaultHead, head, signal);
      pullRequests.push({ ...known, changedPaths });
    }
  }
  return { repo, stableHead: heads.defaultHead, pullRequests };
}

async function readPullRequest(
  repo: string,
  mirror: Mirror,
  number: number,
  head: string,
  base: string,
  signal: AbortSignal,
): Promise<PullRequest> {
  const [changedPaths, subject] = await Promise.all([
    mirror.changedPaths(base, head, signal),
    mirror.subject(head),
  ]);
  return { repo, number, head, title: printable(subject), changedPaths };
}

/** A commit message is its author's: control characters could rewrite the terminal that shows it. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, " ").slice(0, 200);
}
