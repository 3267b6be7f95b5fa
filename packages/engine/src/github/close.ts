import {
  type Config,
  environmentName,
  gateLabels,
  parseGateLabel,
  planNoLabels,
  requireClosed,
  servicesOfRepository,
} from "@perch/core";
import type { CommentResult } from "./comments.ts";
import { endDeployment, readDeployments } from "./deployments.ts";
import { type FeedbackOptions, writeFeedback } from "./feedback.ts";
import { applyLabels } from "./labels.ts";
import { readPullRequest } from "./pull-request.ts";
import type { GithubRepository } from "./repository.ts";

export interface CloseOptions extends FeedbackOptions {
  readonly isDryRun: boolean;
  /** Removes the images of a pull request from the registry, and says which; absent: they are left to the registry's own retention. */
  readonly removeImages?: (pr: number) => Promise<readonly string[]>;
}

export interface CloseResult {
  /** Labels. */
  readonly removed: readonly string[];
  /** Ids of deployments. */
  readonly ended: readonly number[];
  readonly images: readonly string[];
  readonly comment: CommentResult["outcome"];
}

/**
 * The end of a closed pull request, in the order in which the rest would miss it: the labels first, since they are what makes
 * canaries. Each step may be done already.
 * @throws PerchError SUPERSEDED when it is open (again), GITHUB_REFUSED, GITHUB_FAILED
 */
export async function closePullRequest(
  repository: GithubRepository,
  config: Config,
  options: CloseOptions,
): Promise<CloseResult> {
  const { number, isDryRun, removeImages } = options;
  const pullRequest = await readPullRequest(repository, number);
  requireClosed(pullRequest);
  const plan = planNoLabels(pullRequest.labels);
  const labelled = gateLabels(pullRequest.labels).flatMap((label) => parseGateLabel(label) ?? []);
  const known = servicesOfRepository(config, repository.fullName).map(({ name }) => name);
  const active = await activeDeployments(repository, [...new Set([...known, ...labelled])], number);
  if (isDryRun) return { removed: plan.remove, ended: active, images: [], comment: "unchanged" };
  await applyLabels(repository, number, plan);
  for (const id of active) await endDeployment(repository, id, "The pull request is closed.");
  const { outcome } = await writeFeedback(repository, config, options);
  const images = (await removeImages?.(number)) ?? [];
  return { removed: plan.remove, ended: active, images, comment: outcome };
}

async function activeDeployments(
  repository: GithubRepository,
  services: readonly string[],
  number: number,
): Promise<number[]> {
  const active: number[] = [];
  for (const service of services) {
    const environment = environmentName(service, number);
    const found = await readDeployments(repository, { environment });
    active.push(...found.filter(({ status }) => status?.state !== "inactive").map(({ id }) => id));
  }
  return active;
}
