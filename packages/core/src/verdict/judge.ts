import { countOver, percentileOf, totalOf } from "./durations.ts";
import { differenceInterval, type Proportion } from "./intervals.ts";
import type { Finding, Histogram, Outcome, Sample, Verdict } from "./types.ts";

/** Requests of either side below which nothing passes. */
export const ENOUGH = 50;
/** Failed or slow requests below which nothing fails, however few there were: one cause may have brought two. */
export const FEWEST = 3;
/** How much more of its requests a canary may fail than stable does. */
export const MORE_ERRORS = 0.005;
/** An answer is slow where it takes longer than 95 of 100 of stable's do, by this factor and by so many milliseconds. */
export const SLOWER = 1.2;
export const SLOWER_MILLISECONDS = 10;
/** How much more of its answers may be slow. */
export const MORE_SLOW = 0.025;
/**
 * How much more of its answers must be beyond the last bound, where none is left that tells which are slow. By how much they are beyond it
 * is unknown, so a few more of them are no evidence: most of a canary's must be, and most of stable's not.
 */
export const MORE_BEYOND = 0.5;

/**
 * Whether a canary does worse than stable in the same time. It fails on evidence only: where the whole interval of what may be true is
 * beyond what is allowed. So a few requests can fail a canary that fails them all, and cannot pass one.
 */
export function judge(stable: Sample, canary: Sample): Verdict {
  const findings = [judgeErrors(stable, canary), judgeDurations(stable, canary)];
  return { outcome: worst(findings.map(({ outcome }) => outcome)), findings };
}

function worst(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes("fail")) return "fail";
  return outcomes.includes("inconclusive") ? "inconclusive" : "pass";
}

function judgeErrors(stable: Sample, canary: Sample): Finding {
  const [ours, theirs] = [failed(canary), failed(stable)];
  const says = `${percent(ours)} of its requests failed, ${percent(theirs)} of stable's`;
  return found("errors", says, isOver(ours, theirs, MORE_ERRORS), tooFew(stable, canary));
}

function judgeDurations(stable: Sample, canary: Sample): Finding {
  const usual = percentileOf(stable.durations, 0.95) ?? 0;
  const bounds = boundsOfBoth(stable.durations, canary.durations);
  // The next bound, since nothing is known of what is between two.
  const slow = bounds.find((bound) => bound >= Math.max(usual * SLOWER, usual + SLOWER_MILLISECONDS));
  const from = slow ?? bounds.at(-1) ?? Number.POSITIVE_INFINITY;
  const [ours, theirs] = [over(from, canary), over(from, stable)];
  const says = `${percent(ours)} of its answers took over ${Number(from.toPrecision(2))} ms, ${percent(theirs)} of stable's`;
  const fails = isOver(ours, theirs, slow === undefined ? MORE_BEYOND : MORE_SLOW);
  const unknown =
    slow === undefined ? "What would be slow beside stable's answers is not measured." : undefined;
  return found(
    "slow answers",
    says,
    fails,
    tooFew(stable, canary) ?? tooFewMeasured(theirs, ours) ?? unknown,
  );
}

/** Bounds at which both can be counted. A pull request may have changed its own. */
function boundsOfBoth(stable: Histogram, canary: Histogram): readonly number[] {
  return stable.bounds.filter((bound) => canary.bounds.includes(bound));
}

function failed({ errors, requests }: Sample): Proportion {
  return { hits: Math.min(errors, requests), trials: requests };
}

/** Of answers whose durations were measured: those of the others are not short, but unknown. */
function over(milliseconds: number, { durations }: Sample): Proportion {
  return { hits: countOver(durations, milliseconds), trials: totalOf(durations) };
}

/** Whether it is clearly over the other one by more than is allowed. */
function isOver(ours: Proportion, theirs: Proportion, allowed: number): boolean {
  if (ours.hits < FEWEST || theirs.trials === 0) return false;
  return differenceInterval(ours, theirs).low > allowed;
}

function found(
  measure: Finding["measure"],
  says: string,
  fails: boolean,
  unclear: string | undefined,
): Finding {
  if (fails) return { measure, outcome: "fail", reason: `${says}.` };
  if (unclear !== undefined) return { measure, outcome: "inconclusive", reason: unclear };
  return { measure, outcome: "pass", reason: `${says}: no clear difference.` };
}

function tooFew(stable: Sample, canary: Sample): string | undefined {
  if (canary.requests < ENOUGH) return `It had ${times(canary.requests)}; ${ENOUGH} are needed to tell.`;
  if (stable.requests < ENOUGH)
    return `Stable had ${times(stable.requests)} in the same time; ${ENOUGH} are needed to compare with.`;
  return undefined;
}

function tooFewMeasured(stable: Proportion, canary: Proportion): string | undefined {
  // Sums of fractions, which rates are made of, may end a hair under their total.
  const isShort = ({ trials }: Proportion) => trials < ENOUGH - 1e-6;
  if (isShort(canary))
    return `How long its answers took is known of ${times(canary.trials)}; ${ENOUGH} are needed to tell.`;
  if (isShort(stable))
    return `How long stable's answers took is known of ${times(stable.trials)}; ${ENOUGH} are needed to compare with.`;
  return undefined;
}

function times(requests: number): string {
  const whole = Math.round(requests);
  return whole === 1 ? "1 request" : `${whole} requests`;
}

function percent({ hits, trials }: Proportion): string {
  return trials === 0 ? "none" : `${((hits / trials) * 100).toFixed(1)} %`;
}
