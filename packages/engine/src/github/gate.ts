import {
  type CiPullRequest,
  type Config,
  gateLabels,
  isWithinCap,
  type LabelPlan,
  labelledByPeople,
  planLabels,
  planNoLabels,
  requireAllowed,
  requireCurrent,
  requireServices,
  servicesOfRepository,
} from "@perch/core";
import { applyLabels, readLabelChanges } from "./labels.ts";
import { readOpenPullRequests, readPullRequest } from "./pull-request.ts";
import type { GithubRepository } from "./repository.ts";

export interface GateOptions {
  readonly number: number;
  /** Full commit hash that the images were built from; undefined: whatever the head is. */
  readonly head: string | undefined;
  /** Services whose image exists for it. */
  readonly built: readonly string[];
  readonly isDryRun: boolean;
}

/** What became of the labels, and why none is set where none is. */
export interface GateResult extends LabelPlan {
  readonly note?: string;
}

/**
 * Sets the gate labels of a pull request: read, decide, change.
 * @throws PerchError SUPERSEDED, NOT_ALLOWED, UNKNOWN_SERVICE, GITHUB_REFUSED, GITHUB_FAILED
 */
export async function setGateLabels(
  repository: GithubRepository,
  config: Config,
  { number, head, built, isDryRun }: GateOptions,
): Promise<GateResult> {
  requireServices(config, repository.fullName, built);
  const pullRequest = await readPullRequest(repository, number);
  requireAllowed(pullRequest, head);
  const plan = await decide(repository, config, pullRequest, built);
  if (isDryRun) return plan;
  await applyLabels(repository, number, plan);
  if (!pullRequest.isTrusted && head !== undefined) await takeBackIfMoved(repository, number, head);
  return plan;
}

async function decide(
  repository: GithubRepository,
  config: Config,
  { number, labels }: CiPullRequest,
  built: readonly string[],
): Promise<GateResult> {
  const { maxOpen } = config.canary;
  const others = (await readOpenPullRequests(repository))
    .filter((one) => one.number !== number && gateLabels(one.labels).length > 0)
    .map((one) => one.number);
  if (!isWithinCap(number, others, maxOpen)) {
    const note = `${maxOpen} newer pull requests have canaries (canary.maxOpen).`;
    return { ...planNoLabels(labels), note };
  }
  const services = namesOfServices(repository, config);
  return planLabels({ services, labels, built, events: await readLabelChanges(repository, number) });
}

/** An author may push between the look and the label: what nobody has read must not stay labelled. */
async function takeBackIfMoved(repository: GithubRepository, number: number, head: string): Promise<void> {
  const after = await readPullRequest(repository, number);
  if (after.head !== head) await applyLabels(repository, number, planNoLabels(after.labels));
  requireCurrent(after, head);
}

/** Services of perch.yaml that a person labelled. */
export async function servicesLabelledByPeople(
  repository: GithubRepository,
  config: Config,
  number: number,
): Promise<string[]> {
  const services = namesOfServices(repository, config);
  const { labels } = await readPullRequest(repository, number);
  return labelledByPeople({ services, labels, events: await readLabelChanges(repository, number) });
}

/**
 * Takes the gate labels of a fork's or a bot's pull request away, after a push that nobody has read. Others keep theirs.
 */
export async function revokeGateLabels(
  repository: GithubRepository,
  number: number,
  isDryRun: boolean,
): Promise<LabelPlan> {
  const pullRequest = await readPullRequest(repository, number);
  if (pullRequest.isTrusted) return { add: [], remove: [], labels: gateLabels(pullRequest.labels) };
  const plan = planNoLabels(pullRequest.labels);
  if (!isDryRun) await applyLabels(repository, number, plan);
  return plan;
}

function namesOfServices({ fullName }: GithubRepository, config: Config): string[] {
  return servicesOfRepository(config, fullName).map(({ name }) => name);
}
