import type { Config, ServiceConfig } from "../config/types.ts";
import type { Variant } from "../instances.ts";
import { revisionOf } from "../naming.ts";
import { canaryServices, type PullRequest, type RepositoryObservation } from "../pull-requests/index.ts";

/** A variant that should run, and at which commit. */
export interface DesiredVariant {
  readonly variant: Variant;
  readonly repo: string;
  readonly commit: string;
  readonly revision: string;
}

/** What one open pull request gets. */
export interface PlannedPullRequest {
  readonly pullRequest: PullRequest;
  readonly services: readonly string[];
  /** Why it gets no canary, for a person. */
  readonly skipped?: string;
}

/** The desired state: what should run, stable first. */
export interface Plan {
  readonly variants: readonly DesiredVariant[];
  readonly pullRequests: readonly PlannedPullRequest[];
  /** Repositories of the config that no source has answered for yet: nothing of theirs is started or closed. */
  readonly unseen: ReadonlySet<string>;
}

/**
 * What should run, given what the sources saw last. A repository that was never seen wants nothing yet.
 * @param isExpired says of a canary at a commit that nobody has used or pushed to it for `canary.ttl`.
 */
export function plan(
  config: Config,
  observations: readonly RepositoryObservation[],
  isExpired: (desired: DesiredVariant) => boolean = () => false,
): Plan {
  const pullRequests = planPullRequests(config, observations, isExpired);
  const unseen = new Set([...config.services.values()].map(({ repo }) => repo));
  for (const { repo } of observations) unseen.delete(repo);
  return {
    variants: [...stableVariants(config, observations), ...canaryVariants(pullRequests)],
    pullRequests,
    unseen,
  };
}

function stableVariants(config: Config, observations: readonly RepositoryObservation[]): DesiredVariant[] {
  const heads = new Map(observations.map((observation) => [observation.repo, observation.stableHead]));
  const variants: DesiredVariant[] = [];
  for (const service of config.services.values()) {
    const commit = heads.get(service.repo);
    if (commit === undefined || !runsLocally(service)) continue;
    variants.push(desired({ service: service.name }, service.repo, commit));
  }
  return variants;
}

function canaryVariants(planned: readonly PlannedPullRequest[]): DesiredVariant[] {
  return planned.flatMap(({ pullRequest, services }) =>
    services.map((service) => canaryOf(pullRequest, service)),
  );
}

function canaryOf({ number, repo, head }: PullRequest, service: string): DesiredVariant {
  return desired({ service, pr: number }, repo, head);
}

/** Newest first decides who is within `canary.maxOpen`; the answer is in ascending order. */
function planPullRequests(
  config: Config,
  observations: readonly RepositoryObservation[],
  isExpired: (desired: DesiredVariant) => boolean,
): PlannedPullRequest[] {
  const { maxOpen } = config.canary;
  let open = 0;
  const newestFirst = observations
    .flatMap((observation) => observation.pullRequests)
    .sort((a, b) => b.number - a.number || a.repo.localeCompare(b.repo));
  const planned = newestFirst.map((pullRequest): PlannedPullRequest => {
    const { services: wanted, skipped } = canaryServices(config, pullRequest);
    if (skipped !== undefined) return { pullRequest, services: wanted, skipped };
    const services = wanted.filter((service) => !isExpired(canaryOf(pullRequest, service)));
    if (services.length === 0) return { pullRequest, services, skipped: EXPIRED };
    open += 1;
    if (open <= maxOpen) return { pullRequest, services };
    return {
      pullRequest,
      services: [],
      skipped: `${maxOpen} newer pull requests are open (canary.maxOpen).`,
    };
  });
  return planned.reverse();
}

const EXPIRED = "Nobody asked for it for longer than canary.ttl; a push brings it back.";

function runsLocally(service: ServiceConfig | undefined): boolean {
  return service?.local !== undefined;
}

function desired(variant: Variant, repo: string, commit: string): DesiredVariant {
  return { variant, repo, commit, revision: revisionOf(commit) };
}
