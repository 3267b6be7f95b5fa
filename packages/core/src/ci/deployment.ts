import type { Config } from "../config/types.ts";
import { CLUSTER_FAILURES } from "../manifests/platform/notifications.ts";
import { canaryName, canarySelector, shareLinkHost } from "../naming.ts";

/** States of a deployment that perch gives; `inactive` ends it. https://docs.github.com/rest/deployments/statuses */
export const DEPLOYMENT_STATES = [
  "queued",
  "in_progress",
  "success",
  "failure",
  "error",
  "inactive",
] as const;

export type DeploymentState = (typeof DEPLOYMENT_STATES)[number];

/** Longest description that GitHub takes, in characters. */
const LONGEST_REASON = 140;

export interface DeploymentStatus {
  /** As GitHub says it; it has more states than perch gives. */
  readonly state: string;
  readonly description: string;
  readonly environmentUrl: string;
  readonly logUrl: string;
}

/** A GitHub Deployment and what it says. */
export interface CiDeployment {
  readonly id: number;
  /** Commit. */
  readonly sha: string;
  /** `store-canary-pr-45` */
  readonly environment: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** What stands of its statuses: standingStatus() */
  readonly status?: DeploymentStatus;
  /** A workflow wrote over it that the canary begins: GitHub shows that. */
  readonly isHidden?: boolean;
}

/**
 * What stands of a deployment's statuses: the newest, but for a beginning that was written over what the cluster had said already. It
 * says so of a head once.
 * @param statuses newest first
 */
export function standingStatus(
  statuses: readonly DeploymentStatus[],
): Pick<CiDeployment, "status" | "isHidden"> {
  const [newest] = statuses;
  if (newest === undefined) return {};
  const settled = statuses.find((one) => !isBeginning(one));
  const isHidden = settled !== newest && isOfCluster(settled);
  return isHidden ? { status: settled, isHidden } : { status: newest };
}

/** The environment of a canary, named as its namespace. */
export function environmentName(service: string, pr: number): string {
  return canaryName(service, pr);
}

/** Share link of a canary: its environment's URL. */
export function canaryUrl(config: Config, service: string, pr: number): string {
  const repositories = new Set([...config.services.values()].map(({ repo }) => repo)).size;
  const host = shareLinkHost(canarySelector({ service, pr }, repositories), config.edge.host);
  const path = config.services.get(service)?.edge ?? "/";
  return `${config.edge.tls ? "https" : "http"}://${host}${path}`;
}

/** What to do so that one canary has one deployment of its head, in the wanted state. */
export interface DeploymentPlan {
  /** The deployment to give a status; undefined: it is to be made. */
  readonly id: number | undefined;
  /** Undefined: it is so already. */
  readonly status: DeploymentStatus | undefined;
  /** Made twice by runs at the same time: these go. */
  readonly duplicates: readonly number[];
  /** Of earlier heads: these go as well; the one that serves does when the new head serves. */
  readonly ended: readonly number[];
}

/**
 * @param existing deployments of the canary's environment
 * @param head commit
 */
export function planDeployment(
  existing: readonly CiDeployment[],
  head: string,
  wanted: DeploymentStatus,
): DeploymentPlan {
  const [own, ...twins] = existing.filter(({ sha }) => sha === head).sort((a, b) => a.id - b.id);
  const isOver = wanted.state === "success" || wanted.state === "inactive";
  const earlier = existing.filter(
    ({ sha, status }) => sha !== head && (isOver || status?.state !== "success"),
  );
  const said = isBeginning(wanted) ? [own, ...twins].map((one) => one?.status).find(isOfCluster) : undefined;
  const due = said ?? wanted;
  return {
    id: own?.id,
    status: isSame(own?.status, due) && own?.isHidden !== true ? undefined : due,
    duplicates: twins.map(({ id }) => id),
    ended: earlier.map(({ id }) => id),
  };
}

/** A reason for people, on one line, as long as GitHub takes it. */
export function shortReason(text: string): string {
  const line = text.replaceAll(/[\s\p{C}]+/gu, " ").trim();
  const characters = [...line];
  return characters.length <= LONGEST_REASON ? line : `${characters.slice(0, LONGEST_REASON - 1).join("")}…`;
}

/** The status that ends a deployment. */
export function endedStatus(reason: string): DeploymentStatus {
  return { state: "inactive", description: reason, environmentUrl: "", logUrl: "" };
}

/** Of a run that has only begun: the cluster may be faster than the workflow that pushed the image. */
export function isBeginning({ state }: DeploymentStatus): boolean {
  return state === "queued" || state === "in_progress";
}

/** The cluster's own word of a head: that it serves, or that it does not. */
function isOfCluster(status: DeploymentStatus | undefined): status is DeploymentStatus {
  if (status === undefined) return false;
  const beginnings = Object.values(CLUSTER_FAILURES);
  return status.state === "success" || beginnings.some((one) => status.description.startsWith(one));
}

/** What has ended stays as it is: why it ended first is what counts. */
function isSame(a: DeploymentStatus | undefined, b: DeploymentStatus): boolean {
  if (a?.state === "inactive" && b.state === "inactive") return true;
  return (
    a?.state === b.state &&
    a.description === b.description &&
    a.environmentUrl === b.environmentUrl &&
    a.logUrl === b.logUrl
  );
}
