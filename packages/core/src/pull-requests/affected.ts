import type { Config } from "../config/types.ts";
import type { PullRequest } from "./types.ts";

/** Names of the services that run on one machine and have a changed path, in the order of the config. */
export function affectedServices(config: Config, pullRequest: PullRequest): string[] {
  const { order, byRoot } = indexOf(config);
  const affected = new Set<string>();
  const seen = new Set<string>();
  for (const path of pullRequest.changedPaths) {
    // A path and every folder above it, until one that was looked up for an earlier path.
    for (let root = path; !seen.has(root); root = parentOf(root)) {
      seen.add(root);
      for (const service of byRoot.get(keyOf(pullRequest.repo, root)) ?? []) affected.add(service);
    }
  }
  return [...affected].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}

/** Which services a path belongs to, so that a pull request is not held against every service of a large repository. */
interface PathIndex {
  /** Place in the config, by name. */
  readonly order: ReadonlyMap<string, number>;
  /** Names of services by repository and root. */
  readonly byRoot: ReadonlyMap<string, readonly string[]>;
}

/** A config never changes, so neither does its index. */
const indexes = new WeakMap<Config, PathIndex>();

function indexOf(config: Config): PathIndex {
  const known = indexes.get(config);
  if (known !== undefined) return known;
  const services = [...config.services.values()].filter(({ local }) => local !== undefined);
  const roots = services.flatMap(({ name, repo, paths }) =>
    paths.map((root) => ({ name, key: keyOf(repo, root) })),
  );
  const byRoot = new Map<string, string[]>();
  for (const { name, key } of roots) byRoot.set(key, [...(byRoot.get(key) ?? []), name]);
  const index = { order: new Map(services.map(({ name }, place) => [name, place])), byRoot };
  indexes.set(config, index);
  return index;
}

/** A repository has no line break in its name: no two pairs make the same key. */
function keyOf(repo: string, root: string): string {
  return `${repo}\n${root}`;
}

/** `a/b` of `a/b/c`; `.`, the whole repository, is above all. */
function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, slash);
}

/** Whether a path is one of the folders or files, or in one of them; `.` has everything. */
export function isUnderAny(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => root === "." || path === root || path.startsWith(`${root}/`));
}
