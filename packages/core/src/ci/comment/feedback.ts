import type { ServiceConfig } from "../../config/types.ts";
import { gateLabel } from "../../manifests/index.ts";
import { type CiDeployment, environmentName } from "../deployment.ts";
import type { CiPullRequest } from "../pull-request.ts";
import type { CanaryFeedback } from "./body.ts";

/** The services that have, or are to have, a canary: those labelled, and those with a deployment of the head. */
export function reportedServices(
  pullRequest: CiPullRequest,
  services: readonly ServiceConfig[],
  ofHead: readonly CiDeployment[],
): string[] {
  const { labels, number } = pullRequest;
  return services
    .map(({ name }) => name)
    .filter(
      (name) =>
        labels.includes(gateLabel(name)) ||
        ofHead.some(({ environment }) => environment === environmentName(name, number)),
    );
}

/**
 * What is known of one canary.
 * @param deployments of its environment, newest first
 */
export function canaryFeedback(
  service: string,
  head: string,
  deployments: readonly CiDeployment[],
): CanaryFeedback {
  // Of twins that runs made at the same time the oldest stays.
  const current = deployments.filter(({ sha }) => sha === head).at(-1);
  const serving =
    current?.status?.state === "success"
      ? undefined
      : deployments.find(({ sha, status }) => sha !== head && status?.state === "success");
  return {
    service,
    ...(current === undefined ? {} : { current }),
    ...(serving === undefined ? {} : { serving }),
  };
}
