import type { Config } from "./config/types.ts";

/** An open pull request, as a source saw it. Everything in it is controlled by its author: validate before use. */
export interface PullRequest {
  /** `owner/name`, as in `perch.yaml`. */
  readonly repo: string;
  readonly number: number;
  /** Full commit hash, 40 hex digits. */
  readonly head: string;
  readonly title: string;
  /** Paths changed between the merge base and the head, relative to the repository's root, `/` between folders. */
  readonly changedPaths: readonly string[];
}

/** What one repository looked like at one moment. */
export interface RepositoryObservation {
  readonly repo: string;
  /** Commit of the default branch: what stable runs. */
  readonly stableHead: string;
  readonly pullRequests: readonly PullRequest[];
}

/** Names of the services that get a canary of this pull request: those with a changed path, in the order of the config. */
export function affectedServices(config: Config, pullRequest: PullRequest): string[] {
  const affected: string[] = [];
  for (const service of config.services.values()) {
    if (service.repo !== pullRequest.repo) continue;
    if (pullRequest.changedPaths.some((path) => isUnderAny(path, service.paths))) affected.push(service.name);
  }
  return affected;
}

function isUnderAny(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => root === "." || path === root || path.startsWith(`${root}/`));
}
