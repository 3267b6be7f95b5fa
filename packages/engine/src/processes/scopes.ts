import { randomUUID } from "node:crypto";
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Variant } from "@perch/core";
import { isPartial, removeFolders } from "../state/state-dir.ts";

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

/**
 * Removes the scopes of pull requests that are not among these. A pull request may have made its own hard to remove.
 * @returns what could not be removed, by path, which is for its caller to try again.
 */
export async function retainScopes(
  root: string,
  variants: readonly Variant[],
): Promise<ReadonlyMap<string, unknown>> {
  const kept = new Set(scopesOf(variants));
  const scopes = await readdir(root).catch(() => []);
  const others = scopes.filter((scope) => !kept.has(scope) && !isPartial(scope));
  return removeFolders(await Promise.all(others.map((scope) => putAside(root, scope))));
}

/** A cache is large, and its pull request may open again before all of it is gone. */
async function putAside(root: string, scope: string): Promise<string> {
  const leaving = join(root, `${scope}.${randomUUID()}.partial`);
  await rename(join(root, scope), leaving);
  return leaving;
}

/** Removes what an earlier engine did not come to remove, or to make to its end. @returns what could not be removed, by path. */
export async function removePartialScopes(root: string): Promise<ReadonlyMap<string, unknown>> {
  const scopes = await readdir(root);
  const inside = await Promise.all(scopes.map((scope) => partialIn(join(root, scope))));
  return removeFolders([...(await partialIn(root)), ...inside.flat()]);
}

async function partialIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter(isPartial).map((name) => join(folder, name));
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
