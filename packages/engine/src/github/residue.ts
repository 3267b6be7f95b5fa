import {
  type Config,
  type GithubResidue,
  gateLabel,
  githubResidue,
  parseVariantName,
  servicesOfRepository,
  silentEnvironments,
} from "@perch/core";
import { endDeployment, readDeployments } from "./deployments.ts";
import { applyLabels } from "./labels.ts";
import { readClosedWithLabel, readOpenPullRequests } from "./pull-request.ts";
import type { GithubRepository } from "./repository.ts";

export interface ResidueOptions {
  /** Milliseconds since the epoch: older deployments are looked at only where a labelled pull request has no newer one. */
  readonly since: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * What GitHub has of canaries that nobody wants, in one repository.
 * @throws PerchError GITHUB_REFUSED, GITHUB_FAILED
 */
export async function readGithubResidue(
  repository: GithubRepository,
  config: Config,
  { since, now }: ResidueOptions,
): Promise<GithubResidue[]> {
  const closed = new Map<number, { number: number; labels: string[] }>();
  for (const { name } of servicesOfRepository(config, repository.fullName)) {
    for (const one of await readClosedWithLabel(repository, gateLabel(name))) closed.set(one.number, one);
  }
  const isWanted = (environment: string) => parseVariantName(environment)?.pr !== undefined;
  const recent = await readDeployments(repository, { since, isWanted });
  // Last, so that a pull request which was opened meanwhile counts as open.
  const open = await readOpenPullRequests(repository);
  const deployments = [...recent];
  for (const environment of silentEnvironments({ open, deployments: recent }))
    deployments.push(...(await readDeployments(repository, { environment, atMost: 1 })));
  const inventory = { repo: repository.fullName, open, closed: [...closed.values()], deployments };
  return githubResidue(config, inventory, now);
}

/** Removes labels and ends deployments. What is gone by now is as good as removed. */
export async function removeGithubResidue(
  repository: GithubRepository,
  residue: readonly GithubResidue[],
): Promise<void> {
  for (const { kind, pr, name, id } of residue) {
    if (kind === "label") await applyLabels(repository, pr, { add: [], remove: [name], labels: [] });
    else if (id !== undefined) await endDeployment(repository, id, "The pull request is closed.");
  }
}
