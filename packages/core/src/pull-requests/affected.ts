import type { Config, ServiceConfig } from "../config/types.ts";
import type { PullRequest } from "./types.ts";

/**
 * Names of the services that run on one machine and have a changed path, in the order of the config; what their folders depend on counts
 * as theirs. `serviceChanges` decides the same for a cluster: a test holds them to each other.
 */
export function affectedServices(config: Config, pullRequest: PullRequest): string[] {
  const { order, byRoot, byFolder } = indexOf(config);
  const affected = new Set<string>();
  const seen = new Set<string>();
  for (const path of pullRequest.changedPaths) {
    // A path and every folder above it, until one that was looked up for an earlier path.
    for (let root = path; !seen.has(root); root = parentOf(root)) {
      seen.add(root);
      for (const service of byRoot.get(keyOf(pullRequest.repo, root)) ?? []) affected.add(service);
    }
  }
  for (const { folder, needs } of pullRequest.dependencies ?? []) {
    // All that is changed, or above something that is, was seen.
    if (!needs.some((root) => seen.has(root))) continue;
    for (const service of byFolder.get(keyOf(pullRequest.repo, folder)) ?? []) affected.add(service);
  }
  return [...affected].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}

/** Which services a path belongs to, so that a pull request is not held against every service of a large repository. */
interface PathIndex {
  /** Place in the config, by name. */
  readonly order: ReadonlyMap<string, number>;
  /** Names of services by repository and root. */
  readonly byRoot: ReadonlyMap<string, readonly string[]>;
  /** Names of services by repository and their own folder. */
  readonly byFolder: ReadonlyMap<string, readonly string[]>;
}

/** A config never changes, so neither does its index. */
const indexes = new WeakMap<Config, PathIndex>();

function indexOf(config: Config): PathIndex {
  const known = indexes.get(config);
  if (known !== undefined) return known;
  const services = [...config.services.values()].filter(({ local }) => local !== undefined);
  const index = {
    order: new Map(services.map(({ name }, place) => [name, place])),
    byRoot: namesByFolder(services, ({ paths }) => paths),
    byFolder: namesByFolder(services, ({ path }) => [path]),
  };
  indexes.set(config, index);
  return index;
}

function namesByFolder(
  services: readonly ServiceConfig[],
  foldersOf: (service: ServiceConfig) => readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const service of services) {
    for (const folder of foldersOf(service)) {
      const key = keyOf(service.repo, folder);
      found.set(key, [...(found.get(key) ?? []), service.name]);
    }
  }
  return found;
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
