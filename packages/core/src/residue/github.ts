import { type CiDeployment, environmentName } from "../ci/deployment.ts";
import { gateLabels, isWithinCap, parseGateLabel } from "../ci/labels.ts";
import type { Config } from "../config/types.ts";
import { parseVariantName } from "../naming.ts";

/** What GitHub has of canaries, of one repository. */
export interface GithubInventory {
  readonly repo: string;
  /** Open pull requests with their labels. */
  readonly open: readonly { readonly number: number; readonly labels: readonly string[] }[];
  /** Closed pull requests that carry a gate label. */
  readonly closed: readonly { readonly number: number; readonly labels: readonly string[] }[];
  readonly deployments: readonly CiDeployment[];
}

/** What is there without a reason. */
export interface GithubResidue {
  readonly kind: "label" | "deployment";
  readonly repo: string;
  readonly pr: number;
  /** The label, or the deployment's environment. */
  readonly name: string;
  /** Of a deployment. */
  readonly id?: number;
  readonly reason: string;
}

/**
 * What is left of closed pull requests, and the labels of open ones past `canary.maxOpen` or `canary.ttl`, which Argo CD's
 * generator can neither count nor age.
 * @param now milliseconds since the epoch
 */
export function githubResidue({ canary }: Config, inventory: GithubInventory, now: number): GithubResidue[] {
  const { repo, open, closed, deployments } = inventory;
  const numbers = new Set(open.map(({ number }) => number));
  const label = (pr: number, name: string, reason: string): GithubResidue => ({
    kind: "label",
    repo,
    pr,
    name,
    reason,
  });
  return [
    ...closed.flatMap(({ number, labels }) =>
      gateLabels(labels).map((name) => label(number, name, "the pull request is closed")),
    ),
    ...labelled(open).flatMap(({ number, labels }, _, all) => {
      const others = all.map((one) => one.number);
      const reason =
        whyTooMany(number, others, canary.maxOpen) ?? whyTooOld(number, deployments, now - canary.ttl);
      return reason === undefined ? [] : gateLabels(labels).map((name) => label(number, name, reason));
    }),
    ...deployments.flatMap(({ id, environment, status }): GithubResidue[] => {
      const pr = parseVariantName(environment)?.pr;
      if (pr === undefined || numbers.has(pr) || status?.state === "inactive") return [];
      return [{ kind: "deployment", repo, pr, name: environment, id, reason: "the pull request is closed" }];
    }),
  ];
}

/**
 * Environments of labelled pull requests that have no deployment among those known: these are the newest only, and whose last push was
 * before them is as old as can be, not of an unknown age.
 */
export function silentEnvironments({
  open,
  deployments,
}: Pick<GithubInventory, "open" | "deployments">): string[] {
  const known = new Set(deployments.map(({ environment }) => parseVariantName(environment)?.pr));
  return open
    .filter(({ number }) => !known.has(number))
    .flatMap(({ number, labels }) =>
      labels
        .map(parseGateLabel)
        .filter((service) => service !== undefined)
        .map((service) => environmentName(service, number)),
    );
}

function labelled<T extends { readonly labels: readonly string[] }>(pullRequests: readonly T[]): T[] {
  return pullRequests.filter(({ labels }) => gateLabels(labels).length > 0);
}

function whyTooMany(pr: number, others: readonly number[], maxOpen: number): string | undefined {
  return isWithinCap(pr, others, maxOpen)
    ? undefined
    : `${maxOpen} newer pull requests have canaries (canary.maxOpen)`;
}

/** A push makes a deployment: where there is none, nothing is known of its age. */
function whyTooOld(pr: number, deployments: readonly CiDeployment[], oldest: number): string | undefined {
  const times = deployments
    .filter(({ environment }) => parseVariantName(environment)?.pr === pr)
    .map(({ createdAt }) => createdAt);
  return times.length > 0 && Math.max(...times) < oldest ? "no push since canary.ttl" : undefined;
}
