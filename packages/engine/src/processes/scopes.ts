import { randomUUID } from "node:crypto";
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Variant } from "@perch/core";
import { isPartial, removeFolder } from "../state/state-dir.ts";

/** Of what installs make for stable. */
export const STABLE_SCOPE = "stable";

/** In a pull request's scope: the caches of its tools. All else there is what installs made, by key. */
export const CACHE = "cache";

/**
 * The folder, below that of dependencies, of what outlives the instances of a variant: stable's is one for all services, and a
 * pull request's ends with it. Two repositories may both have a PR 7; the service's name tells them apart.
 */
export function scopeOf({ service, pr }: Variant): string {
  return pr === undefined ? STABLE_SCOPE : `${service}-pr-${pr}`;
}

/** The scopes that these have a reason for. */
export function scopesOf(variants: readonly Variant[]): string[] {
  return [...new Set([STABLE_SCOPE, ...variants.map(scopeOf)])];
}

/** Removes the scopes of pull requests that are not among these. */
export async function retainScopes(root: string, variants: readonly Variant[]): Promise<void> {
  const kept = new Set(scopesOf(variants));
  const scopes = await readdir(root).catch(() => []);
  await Promise.all(scopes.filter((scope) => !kept.has(scope)).map((scope) => removeScope(root, scope)));
}

/** Out of the way first: a cache is large, and its pull request may open again before all of it is gone. */
async function removeScope(root: string, scope: string): Promise<void> {
  if (isPartial(scope)) return removeFolder(join(root, scope));
  const leaving = join(root, `${scope}.${randomUUID()}.partial`);
  await rename(join(root, scope), leaving);
  await removeFolder(leaving);
}

/** One after the other, and of what is asked for meanwhile the newest: a large cache takes longer to remove than a round. @param task tells of its failures by itself, and never rejects. */
export function newestOnly<T>(task: (of: T) => Promise<void>): (of: T) => void {
  let next: { readonly of: T } | undefined;
  let isRunning = false;
  const run = async () => {
    if (isRunning) return;
    isRunning = true;
    while (next !== undefined) {
      const { of } = next;
      next = undefined;
      await task(of);
    }
    isRunning = false;
  };
  return (of) => {
    next = { of };
    void run();
  };
}
