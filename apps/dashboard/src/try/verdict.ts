import type { TryAnswer } from "@perch/core";

/** What a try shows of who served it, in one sentence, and whether it is what was asked for. */
export interface Verdict {
  readonly good: boolean;
  readonly text: string;
}

/** @param selector what was sent; empty: none. */
export function verdict({ status, trail }: Pick<TryAnswer, "status" | "trail">, selector: string): Verdict {
  if (selector === "")
    return {
      good: status < 500,
      text: "Without a selector, stable serves. Services tell who served only where one was sent.",
    };
  if (trail === undefined) {
    const text =
      status === 503
        ? "Perch answered itself: the canary is not ready, and stable never answers in its place."
        : "No hop trail came: the service does not use perch’s library, or did not answer.";
    return { good: false, text };
  }
  const canaries = trail.hops.filter(({ pr, note }) => pr !== undefined && note !== "unreachable");
  if (canaries.length === 0)
    return { good: false, text: "Stable served every hop: no service on this way has that canary." };
  const names = [...new Set(canaries.map(({ service, pr }) => `${service} of PR ${pr}`))].join(" and ");
  return { good: status < 500, text: `Served by the canary ${names}.` };
}
