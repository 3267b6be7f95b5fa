import {
  type ClusterResidue,
  type Config,
  clusterResidue,
  type GithubResidue,
  PerchError,
} from "@perch/core";
import { clusterInventory } from "../cluster/inventory.ts";
import { type ClusterOptions, kubectl } from "../cluster/kubectl.ts";
import { dueAtGithub } from "../promotion/due.ts";
import { type ClosedImage, closedImages } from "../promotion/images.ts";
import { githubFromEnvironment } from "./github.ts";

/** Where to look for what is left. */
export interface Places extends ClusterOptions {
  readonly github: boolean;
  readonly cluster: boolean;
  readonly apiUrl?: string;
  /** How far back deployments of closed pull requests are looked at. */
  readonly days: number;
}

export interface Residue {
  readonly github: readonly GithubResidue[];
  readonly cluster: readonly ClusterResidue[];
  /** Of closed pull requests, in the registry. One that shares what it is with an image that stays is no residue: it takes no room. */
  readonly images: readonly ClosedImage[];
}

const APPLICATIONS = "applications.argoproj.io";
const DAY = 86_400_000;

/**
 * What is left, in every place that is named.
 * @param config needed to look at GitHub
 * @throws PerchError USAGE, CLUSTER_UNREACHABLE, CLUSTER_REFUSED, GITHUB_REFUSED, GITHUB_FAILED, REGISTRY_FAILED
 */
export async function readResidue(places: Places, config: () => Promise<Config>): Promise<Residue> {
  if (!places.github && !places.cluster) throw noPlace();
  const github = places.github ? await githubResidue(places, await config()) : [];
  const cluster = places.cluster ? clusterResidue(await clusterInventory(places)) : [];
  const images = places.github ? await imagesOf(places, await config(), false) : [];
  return { github, cluster, images };
}

/** Images belong to pull requests, of which only GitHub knows whether they are closed. Without a registry there are none. */
async function imagesOf(places: Places, config: Config, remove: boolean): Promise<readonly ClosedImage[]> {
  if (config.registry === undefined) return [];
  const isDue = dueAtGithub(config, places.apiUrl, Date.now());
  return (await closedImages(config, { remove, isDue, apiUrl: places.apiUrl })).images;
}

async function githubResidue(places: Places, config: Config): Promise<GithubResidue[]> {
  const { readGithubResidue } = await import("@perch/engine/github");
  const now = Date.now();
  const found: GithubResidue[] = [];
  for (const repo of new Set([...config.services.values()].map((service) => service.repo))) {
    const repository = await githubFromEnvironment(repo, places.apiUrl);
    found.push(...(await readGithubResidue(repository, config, { now, since: now - places.days * DAY })));
  }
  return found;
}

/** Removes what can be removed, and says what that was; what is being deleted already only takes its time. */
export async function removeResidue(
  places: Places,
  { github, cluster, images }: Residue,
  config: () => Promise<Config>,
): Promise<Residue> {
  const { removeGithubResidue } = await import("@perch/engine/github");
  for (const [repo, own] of Map.groupBy(github, (one) => one.repo)) {
    await removeGithubResidue(await githubFromEnvironment(repo, places.apiUrl), own);
  }
  // What has no Application goes: were they merely not to be seen, everything would.
  if (cluster.length > 0) await kubectl(["get", APPLICATIONS, "--all-namespaces", "--output=name"], places);
  const removable = cluster.filter(({ object }) => !object.isDeleting);
  for (const { object } of removable) {
    const { kind, name, namespace } = object;
    const place = namespace === undefined ? [] : ["--namespace", namespace];
    await kubectl(["delete", kind, name, ...place, "--ignore-not-found", "--wait=false"], places);
  }
  const gone = images.length > 0 ? await imagesOf(places, await config(), true) : [];
  return { github, cluster: removable, images: gone };
}

/** One line each, for people. */
export function residueLines({ github, cluster, images }: Residue): string[] {
  return [
    ...github.map(({ kind, repo, pr, name, reason }) => `${repo}#${pr}  ${kind} ${name}: ${reason}`),
    ...images.map(({ image, repo, pr }) => `${repo}#${pr}  image ${image}: the pull request is closed`),
    ...cluster.map(({ object, canary, reason }) => `${canary}  ${nameOf(object)}: ${reason}`),
  ];
}

function nameOf({ kind, name, namespace }: ClusterResidue["object"]): string {
  return namespace === undefined ? `${kind}/${name}` : `${kind}/${name} in ${namespace}`;
}

function noPlace(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "It is not said where to look.",
    hint: "--cluster looks in the cluster of the current kubectl context, --github at labels, Deployments and images.",
    fault: "user",
  });
}

/** All of it as one list, for scripts. */
export function residueList({ github, cluster, images }: Residue): object[] {
  return [...github, ...images.map((one) => ({ kind: "image", ...one })), ...cluster];
}
