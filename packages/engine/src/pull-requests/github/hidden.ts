import type { PerchErrorData, PullRequest } from "@perch/core";

/** Milliseconds for which GitHub must have no such pull request until it counts as closed: its databases may lag, or fail, for a while. */
const UNTIL_CLOSED = 3_600_000;

/** Milliseconds until it is asked for again: an answer that it is not there counts against the rate limit, one for each. */
const AGAIN = 60_000;

/** Pull requests that were open and that GitHub has no more, as those of an account that it hides: none is told to be closed. */
export interface Hidden {
  /** What is hidden now; of that, what still counts as open. */
  note(hidden: readonly PullRequest[]): PullRequest[];
  /** Whether GitHub was asked for it within the last minute, and had none. */
  isKnown(number: number): boolean;
  problem(): PerchErrorData | undefined;
}

/** @param now milliseconds of a clock that never jumps. */
export function startHidden(repo: string, now: () => number = () => performance.now()): Hidden {
  let since: ReadonlyMap<number, number> = new Map();
  let asked: ReadonlyMap<number, number> = new Map();
  let kept: readonly PullRequest[] = [];
  const isKnown = (number: number) => now() - (asked.get(number) ?? Number.NEGATIVE_INFINITY) < AGAIN;
  return {
    isKnown,
    note: (hidden) => {
      const askedAt = (number: number) => (isKnown(number) ? (asked.get(number) ?? now()) : now());
      asked = new Map(hidden.map(({ number }) => [number, askedAt(number)]));
      since = new Map(hidden.map(({ number }) => [number, since.get(number) ?? now()]));
      kept = hidden.filter(({ number }) => now() - (since.get(number) ?? now()) < UNTIL_CLOSED);
      return [...kept];
    },
    problem: () =>
      kept.length === 0
        ? undefined
        : {
            code: "SOURCE_UNREACHABLE",
            message: `GitHub has no pull request ${kept.map(({ number }) => number).join(", ")} of ${repo} any more, and does not say that it was closed.`,
            hint: "It stays as it was for an hour, and counts as closed then; all others are up to date.",
            fault: "environment",
          },
  };
}
