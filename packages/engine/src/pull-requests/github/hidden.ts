import type { PerchErrorData, PullRequest } from "@perch/core";

/** Milliseconds for which GitHub must have no such pull request until it counts as closed: its databases may lag, or fail, for a while. */
const UNTIL_CLOSED = 3_600_000;

/** Pull requests that were open and that GitHub has no more, as those of an account that it hides: none is told to be closed. */
export interface Hidden {
  /** What is hidden now; of that, what still counts as open. */
  note(hidden: readonly PullRequest[]): PullRequest[];
  problem(): PerchErrorData | undefined;
}

/** @param now milliseconds of a clock that never jumps. */
export function startHidden(repo: string, now: () => number = () => performance.now()): Hidden {
  let since: ReadonlyMap<number, number> = new Map();
  let kept: readonly PullRequest[] = [];
  return {
    note: (hidden) => {
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
