import { GithubFailure } from "./failure.ts";

/** Milliseconds of the first pause after a failure, and of the longest. */
const FIRST = 1_000;
const LONGEST = 60_000;

/**
 * Runs looks, but none before its time: after a failure pauses double up to a minute, and a rate limit is waited for as long as it asks.
 * A look that comes too early fails as the last one did, without a request.
 */
export interface Pace {
  run<T>(look: () => Promise<T>): Promise<T>;
}

/** What a rate limit asks of everybody who shows the same credential: GitHub counts by that, not by repository. */
export interface RateLimit {
  /** On the clock of the paces. */
  notBefore: number;
  /** What asked for it. */
  cause?: unknown;
}

export const noRateLimit = (): RateLimit => ({ notBefore: Number.NEGATIVE_INFINITY });

/**
 * @param shared by all repositories that one credential reaches.
 * @param now milliseconds of a clock that never jumps: the time of day may.
 */
export function startPace(
  shared: RateLimit = noRateLimit(),
  now: () => number = () => performance.now(),
): Pace {
  let failures = 0;
  let notBefore = Number.NEGATIVE_INFINITY;
  let last: unknown;
  return {
    run: async (look) => {
      if (now() < notBefore) throw last;
      if (now() < shared.notBefore) throw shared.cause;
      try {
        const result = await look();
        failures = 0;
        return result;
      } catch (error) {
        last = error;
        const asked = error instanceof GithubFailure ? (error.wait ?? 0) : 0;
        if (asked > 0 && now() + asked > shared.notBefore) {
          shared.notBefore = now() + asked;
          shared.cause = error;
        }
        notBefore = now() + Math.max(asked, Math.min(FIRST * 2 ** Math.min(failures, 10), LONGEST));
        failures += 1;
        throw error;
      }
    },
  };
}
