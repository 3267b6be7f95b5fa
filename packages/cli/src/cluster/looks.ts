import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterStatus, PerchError, type PerchErrorData } from "@perch/core";

/**
 * Looks at a cluster again and again, after a pause each. A look that fails ends nothing: clusters are out of reach for a while, and
 * perch.yaml is replaced. Then it is what was seen last, and first among its problems that it is no longer known to be so.
 * @param first what was seen already: what fails at the very first look is likely to be a mistake.
 * @param interval milliseconds
 */
export async function* looksAfter(
  first: ClusterStatus,
  look: () => Promise<ClusterStatus>,
  interval: number,
): AsyncGenerator<ClusterStatus, never> {
  let seen = first;
  for (;;) {
    await sleep(interval);
    let problem: PerchErrorData | undefined;
    try {
      seen = await look();
    } catch (error) {
      problem = problemOf(error);
    }
    yield problem === undefined ? seen : { ...seen, problems: [problem, ...seen.problems] };
  }
}

/** Anything else than perch's own error may pass as well: a file that was gone for a moment, half an answer of kubectl's. */
function problemOf(error: unknown): PerchErrorData {
  if (error instanceof PerchError) {
    const { code, message, hint, fault } = error;
    return { code, message, hint, fault };
  }
  return {
    code: "INTERNAL",
    message: `The last look at the cluster failed: ${error instanceof Error ? error.message : String(error)}.`,
    hint: "It is tried again. If it stays, perch itself fails; please report what `perch status --cluster` says.",
    fault: "perch",
  };
}
