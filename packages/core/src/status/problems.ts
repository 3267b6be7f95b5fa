import { variantName } from "../naming.ts";
import type { Problem, SourceStatus, VariantStatus } from "./types.ts";

/** What is wrong now, worst first: sources, then stable, then canaries. */
export function problems(sources: readonly SourceStatus[], variants: readonly VariantStatus[]): Problem[] {
  const ofSources = sources.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const failed = variants.filter(({ failure }) => failure !== undefined);
  const stableFirst = [
    ...failed.filter(({ pr }) => pr === undefined),
    ...failed.filter(({ pr }) => pr !== undefined),
  ];
  return distinct([...ofSources, ...stableFirst.flatMap(problemOf)]);
}

/** Variants that waited for the same failed install have the same problem: one line is enough. */
function distinct(all: readonly Problem[]): Problem[] {
  return [...new Map(all.map((problem) => [problem.message, problem])).values()];
}

function problemOf({ service, pr, failure }: VariantStatus): Problem[] {
  if (failure === undefined) return [];
  const { code, message, hint, fault } = failure;
  return [
    { code, message, hint, fault, variant: variantName(pr === undefined ? { service } : { service, pr }) },
  ];
}
