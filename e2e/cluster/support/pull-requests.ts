import { canaryName, revisionOf } from "@perch/core";
import type { TestCluster } from "./cluster/index.ts";
import { commitAndPush, REGISTRY, withWorktree } from "./environment.ts";

/** An open pull request of the bed's GitHub. */
export interface OpenPullRequest {
  readonly repo: string;
  readonly number: number;
  readonly head: string;
}

/** Makes the changes of a commit in a folder with the repository's files. */
export type Edit = (folder: string) => Promise<void>;

const nothing: Edit = async () => {};

/** Pushes a branch off main and opens a pull request on it, without any label. */
export async function open(
  cluster: TestCluster,
  repo: string,
  edit: Edit = nothing,
): Promise<OpenPullRequest> {
  const bare = await cluster.git.ensure(repo);
  const branch = `change-${Date.now()}-${Math.trunc(Math.random() * 1e6)}`;
  const head = await withWorktree(bare, "main", async (folder) => {
    await edit(folder);
    return commitAndPush(folder, `Change of ${branch}`, branch);
  });
  const { number } = await cluster.github.openPullRequest({ repo, head, branch });
  return { repo, number, head };
}

/** Pushes a commit to it, and its images first: as CI does for a service that has its label. */
export async function push(
  cluster: TestCluster,
  { repo, number }: OpenPullRequest,
  services: readonly string[],
  edit: Edit = nothing,
): Promise<OpenPullRequest> {
  const bare = await cluster.git.ensure(repo);
  const head = await withWorktree(bare, `refs/pull/${number}/head`, async (folder) => {
    await edit(folder);
    return commitAndPush(folder, "Another change", `pull-${number}`);
  });
  const next = { repo, number, head };
  for (const service of services) await publishImage(cluster, next, service);
  await cluster.github.push(repo, number, head);
  return next;
}

/** The image of a head. What is in it is stable's: who it is comes from its environment. */
export async function publishImage(
  cluster: TestCluster,
  { number, head }: OpenPullRequest,
  service: string,
): Promise<void> {
  const tag = `pr-${number}-${revisionOf(head)}`;
  await cluster.tagImage(`${REGISTRY}/${service}:main`, `${REGISTRY}/${service}:${tag}`);
}

/** What CI does after the first push: images, then the gate labels. */
export async function publishAndLabel(
  cluster: TestCluster,
  pullRequest: OpenPullRequest,
  services: readonly string[],
): Promise<void> {
  const { repo, number } = pullRequest;
  for (const service of services) await publishImage(cluster, pullRequest, service);
  for (const service of services) await cluster.github.label(repo, number, `canary/${service}`);
}

/** What CI does last, `perch ci refresh --applicationset`: the controller loses webhooks that come while it looks. */
export async function lookAgain(cluster: TestCluster): Promise<void> {
  await cluster.kubectl([
    ...["annotate", "applicationset", "canaries-acme-shop", "--namespace=argocd", "--overwrite"],
    `argocd.argoproj.io/application-set-refresh=${Date.now()}`,
  ]);
}

export function namespaceOf({ number }: OpenPullRequest, service: string): string {
  return canaryName(service, number);
}
