import { type Status, type VariantStatus, variantName } from "@perch/core";
import { plainLine } from "./terminal-text.ts";

/** What happened between two statuses, a line each: for logs and terminals that cannot be redrawn. */
export function describeChanges(before: Status | undefined, now: Status): string[] {
  const old = variantsByName(before);
  const current = variantsByName(now);
  const lines: string[] = [];
  for (const [name, variant] of current) {
    const text = describe(variant);
    const previous = old.get(name);
    // Waiting for its turn is no news.
    if (variant.state === "queued") continue;
    if (previous === undefined || describe(previous) !== text) lines.push(`${name}: ${text}`);
  }
  for (const name of old.keys()) {
    if (!current.has(name)) lines.push(`${name}: closed, nothing of it is left`);
  }
  const known = new Set(before?.problems.map(({ message }) => message));
  for (const { message, hint } of now.problems) {
    if (!known.has(message)) lines.push(plainLine(`problem: ${message} ${hint}`));
  }
  return lines;
}

function describe({ state, revision, next }: VariantStatus): string {
  const serving = `${state} ${revision}`.trim();
  return next === undefined ? serving : `${serving}, next ${next.revision} ${next.state}`;
}

function variantsByName(status: Status | undefined): Map<string, VariantStatus> {
  const variants = status?.services.flatMap(({ stable, canaries }) => [stable, ...canaries]) ?? [];
  return new Map(variants.map((variant) => [variantName(variant), variant]));
}
