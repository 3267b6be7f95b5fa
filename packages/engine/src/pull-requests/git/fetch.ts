import type { PerchErrorData } from "@perch/core";
import { gitMessage, isTimeout, unfetched } from "./git.ts";
import type { RemoteHeads } from "./ls-remote.ts";
import type { Mirror } from "./mirror.ts";
import { PULL_REFS } from "./refs.ts";

/** How long fetches may take, in milliseconds. */
export interface FetchTimes {
  /** Of the default branch: the first copy of a large repository takes many minutes. */
  readonly stable: number;
  /** Of what is new of all pull requests, with one command; and of one pull request by itself. */
  readonly pullRequests: number;
  /** Of all that are fetched by themselves in one look: the others, and the next look, wait for them. */
  readonly alone: number;
  /** Until one that took too long is fetched again. */
  readonly again: number;
}

const TIMES: FetchTimes = { stable: 1_800_000, pullRequests: 120_000, alone: 300_000, again: 600_000 };

/** Fetches what a mirror lacks of a remote's heads. */
export interface Fetcher {
  /**
   * Each ref keeps its commit from being collected while a canary runs it. A pull request that cannot be fetched holds up no other.
   * @param last what it answered before.
   * @returns the heads that are here. A pull request is left out that was pushed over since it was listed, or that cannot be fetched.
   * @throws Error when the head of the default branch cannot be fetched.
   */
  fetch(heads: RemoteHeads, last: RemoteHeads | undefined, signal: AbortSignal): Promise<RemoteHeads>;
  /** Of pull requests that could not be fetched at the last look. */
  problem(): PerchErrorData | undefined;
}

/** A head that could not be fetched. */
interface Failed {
  readonly head: string;
  readonly cause: unknown;
  /** By `performance.now()`. */
  readonly notBefore: number;
}

export function startFetcher(remote: string, mirror: Mirror, times: FetchTimes = TIMES): Fetcher {
  let failed: ReadonlyMap<number, Failed> = new Map();

  async function fetchPullRequests(
    missing: ReadonlyMap<number, string>,
    signal: AbortSignal,
  ): Promise<Map<number, Failed>> {
    const failing = stillFailing(failed, missing);
    const others = [...missing.keys()].filter((number) => !failing.has(number));
    const now = performance.now();
    const due = [...failing].filter(([, { notBefore }]) => notBefore <= now);
    // Those that took too long come last: an author who pushes one after the other must not hold up the others' turn.
    const [slow, quick] = [due.filter(isSlow), due.filter((one) => !isSlow(one))];
    const again = [...quick, ...slow].map(([number]) => number);
    const alone = (await succeeds(others)) ? again : [...others, ...again];
    for (const number of alone) {
      const left = Math.ceil(times.alone - (performance.now() - now));
      if (left <= 0) break;
      await mirror.fetch([refspecOf(number)], signal, Math.min(left, times.pullRequests)).then(
        () => failing.delete(number),
        (cause: unknown) => {
          signal.throwIfAborted();
          const notBefore = isTimeout(cause) ? performance.now() + times.again : 0;
          failing.set(number, { head: missing.get(number) ?? "", cause, notBefore });
        },
      );
    }
    return failing;

    /** False: one of them is gone by now, is broken, or takes too long. */
    function succeeds(numbers: readonly number[]): Promise<boolean> | true {
      if (numbers.length === 0) return true;
      return mirror.fetch(numbers.map(refspecOf), signal, times.pullRequests).then(
        () => true,
        () => {
          signal.throwIfAborted();
          return false;
        },
      );
    }
  }

  /** A commit that is here already may be another pull request's, whose ref goes when that one closes. */
  async function isKept(number: number, commit: string): Promise<boolean> {
    if (!(await mirror.has(commit))) return false;
    return mirror.setRef(`${PULL_REFS}${number}`, commit).then(
      () => true,
      () => false,
    );
  }

  return {
    fetch: async (heads, last, signal) => {
      if (heads.defaultHead !== last?.defaultHead && !(await mirror.has(heads.defaultHead))) {
        await mirror.fetch(["+HEAD:refs/perch/stable"], signal, times.stable);
        if (!(await mirror.has(heads.defaultHead)))
          throw new Error("its default branch moved while it was read");
      }
      const here = new Map<number, string>();
      const missing = new Map<number, string>();
      for (const [number, commit] of heads.pullRequests) {
        signal.throwIfAborted();
        const isHere = commit === last?.pullRequests.get(number) || (await isKept(number, commit));
        (isHere ? here : missing).set(number, commit);
      }
      const failing = await fetchPullRequests(missing, signal);
      // Also one whose fetch failed as it ended.
      const kept = missing.size === 0 ? new Map<string, string>() : await mirror.refs(PULL_REFS.slice(0, -1));
      for (const [number, commit] of missing) {
        if (kept.get(String(number)) !== commit) continue;
        here.set(number, commit);
        failing.delete(number);
      }
      failed = failing;
      return { ...heads, pullRequests: here };
    },
    problem: () => {
      const told = [...failed].filter(([, { cause }]) => !isGone(cause));
      const [first] = told;
      return first === undefined
        ? undefined
        : unfetched(
            remote,
            told.map(([number]) => number),
            first[1].cause,
          );
    },
  };
}

/** What failed is tried by itself; a new head of what took too long as well, without a wait. */
function stillFailing(
  failed: ReadonlyMap<number, Failed>,
  missing: ReadonlyMap<number, string>,
): Map<number, Failed> {
  const failing = new Map<number, Failed>();
  for (const [number, one] of failed) {
    const head = missing.get(number);
    if (head === one.head) failing.set(number, one);
    else if (head !== undefined && isTimeout(one.cause)) failing.set(number, { ...one, head, notBefore: 0 });
  }
  return failing;
}

function isSlow([, { cause }]: readonly [number, Failed]): boolean {
  return isTimeout(cause);
}

function refspecOf(number: number): string {
  return `+refs/pull/${number}/head:${PULL_REFS}${number}`;
}

/** It was closed since it was listed, or git lags behind the list: the next one tells. */
function isGone(cause: unknown): boolean {
  return /couldn't find remote ref/.test(gitMessage(cause));
}
