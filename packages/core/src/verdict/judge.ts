import { countOver, percentileOf } from "./durations.ts";
import { differenceInterval, type Proportion } from "./intervals.ts";
import type { Finding, Outcome, Sample, Verdict } from "./types.ts";

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
  const [ours, theirs] = [proportion(canary.errors, canary), proportion(stable.errors, stable)];
  const says = `${percent(ours)} of its requests failed, ${percent(theirs)} of stable's`;
  return found("errors", says, isOver(ours, theirs, MORE_ERRORS), tooFew(stable, canary));
}

function judgeDurations(stable: Sample, canary: Sample): Finding {
  const usual = percentileOf(stable.durations, 0.95) ?? 0;
  const slow = slowFrom(stable.durations.bounds, Math.max(usual * SLOWER, usual + SLOWER_MILLISECONDS));
  const [ours, theirs] = [
    proportion(countOver(canary.durations, slow), canary),
    proportion(countOver(stable.durations, slow), stable),
  ];
  const says = Number.isFinite(slow)
    ? `${percent(ours)} of its answers took over ${Number(slow.toPrecision(2))} ms, ${percent(theirs)} of stable's`
    : "Stable's answers take longer than is measured";
  return found("slow answers", says, isOver(ours, theirs, MORE_SLOW), tooFew(stable, canary));
}

/** The next bound, since nothing is known of what is between two. */
function slowFrom(bounds: readonly number[], milliseconds: number): number {
  return bounds.find((bound) => bound >= milliseconds) ?? Number.POSITIVE_INFINITY;
}

function proportion(hits: number, { requests }: Sample): Proportion {
  return { hits: Math.min(hits, requests), trials: requests };
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
  tooFew: string | undefined,
): Finding {
  if (fails) return { measure, outcome: "fail", reason: `${says}.` };
  if (tooFew !== undefined) return { measure, outcome: "inconclusive", reason: tooFew };
  return { measure, outcome: "pass", reason: `${says}: no clear difference.` };
}

function tooFew(stable: Sample, canary: Sample): string | undefined {
  if (canary.requests < ENOUGH) return `It had ${times(canary.requests)}; ${ENOUGH} are needed to tell.`;
  if (stable.requests < ENOUGH)
    return `Stable had ${times(stable.requests)} in the same time; ${ENOUGH} are needed to compare with.`;
  return undefined;
}

function times(requests: number): string {
  const whole = Math.round(requests);
  return whole === 1 ? "1 request" : `${whole} requests`;
}

function percent({ hits, trials }: Proportion): string {
  return trials === 0 ? "none" : `${((hits / trials) * 100).toFixed(1)} %`;
}
