import {
  type CanaryFeedback,
  type CommentFacts,
  type Config,
  canaryFeedback,
  commentBody,
  commentMarker,
  endedBody,
  environmentName,
  reportedServices,
  servicesOfRepository,
} from "@perch/core";
import { type CommentResult, readOwnComments, settleComment } from "./comments.ts";
import { readDeployments } from "./deployments.ts";
import { readPullRequest } from "./pull-request.ts";
import type { GithubRepository } from "./repository.ts";

export interface FeedbackOptions {
  readonly number: number;
  /** Login that the token comments as. */
  readonly author: string;
}

/** Heads of one canary that the comment looks back at, for one that still serves. */
const RECENT = 5;

/** What GitHub knows of a pull request's canaries: its labels and its deployments. */
export async function readFeedback(
  repository: GithubRepository,
  config: Config,
  number: number,
): Promise<CommentFacts> {
  const pullRequest = await readPullRequest(repository, number);
  if (!pullRequest.isOpen) return { config, pullRequest, canaries: [] };
  const services = servicesOfRepository(config, repository.fullName);
  const environments = services.map(({ name }) => environmentName(name, number));
  const isWanted = (environment: string) => environments.includes(environment);
  const ofHead = await readDeployments(repository, { ref: pullRequest.head, isWanted });
  const canaries: CanaryFeedback[] = [];
  for (const service of reportedServices(pullRequest, services, ofHead)) {
    const environment = environmentName(service, number);
    const own = ofHead.filter((one) => one.environment === environment);
    const isServing = own.some(({ status }) => status?.state === "success");
    const all = isServing ? own : await readDeployments(repository, { environment, atMost: RECENT });
    canaries.push(canaryFeedback(service, pullRequest.head, all));
  }
  return { config, pullRequest, canaries };
}

/**
 * Writes the one comment of a pull request from what GitHub knows, so that runs of any event, in any order, come to the same.
 * Without canaries it says nothing, unless it said something before.
 * @throws PerchError GITHUB_REFUSED, GITHUB_FAILED
 */
export async function writeFeedback(
  repository: GithubRepository,
  config: Config,
  { number, author }: FeedbackOptions,
): Promise<CommentResult> {
  const target = { number, author, marker: commentMarker(config) };
  return settleComment(repository, target, async (own) => {
    const facts = await readFeedback(repository, config, number);
    return commentBody(facts) ?? (own.length > 0 ? endedBody(facts) : undefined);
  });
}

/** The text that the comment would have; undefined: there would be none. */
export async function previewFeedback(
  repository: GithubRepository,
  config: Config,
  { number, author }: FeedbackOptions,
): Promise<string | undefined> {
  const own = await readOwnComments(repository, { number, author, marker: commentMarker(config) });
  const facts = await readFeedback(repository, config, number);
  return commentBody(facts) ?? (own.length > 0 ? endedBody(facts) : undefined);
}
