import {
  type CiDeployment,
  type DeploymentPlan,
  type DeploymentStatus,
  endedStatus,
  isBeginning,
  planDeployment,
  standingStatus,
} from "@perch/core";
import { ask, isMissing } from "./failure.ts";
import type { GithubRepository } from "./repository.ts";

/** Which deployments, and how many of them. */
export interface DeploymentFilter {
  readonly environment?: string;
  /** Commit that they were made for. */
  readonly ref?: string;
  /** Milliseconds since the epoch: none older than this. */
  readonly since?: number;
  /** By the name of the environment. */
  readonly isWanted?: (environment: string) => boolean;
  /** Of those, the newest. */
  readonly atMost?: number;
}

/**
 * Deployments with the status that stands, newest first. Each costs a request: filter.
 * @throws PerchError GITHUB_REFUSED, GITHUB_FAILED
 */
export async function readDeployments(
  repository: GithubRepository,
  { environment, ref, since = 0, isWanted = () => true, atMost = Number.POSITIVE_INFINITY }: DeploymentFilter,
): Promise<CiDeployment[]> {
  const { octokit, place, fullName } = repository;
  const query = { ...(environment !== undefined && { environment }), ...(ref !== undefined && { ref }) };
  const listed = await ask(`list deployments of ${fullName}`, () =>
    octokit.paginate(
      octokit.rest.repos.listDeployments,
      { ...place, ...query, per_page: 100 },
      ({ data }, done) => {
        if (data.some(({ created_at }) => Date.parse(created_at) < since)) done();
        return data;
      },
    ),
  );
  const wanted = listed
    .filter((one) => isWanted(one.environment) && Date.parse(one.created_at) >= since)
    .slice(0, atMost);
  const found: CiDeployment[] = [];
  for (const { id, sha, environment: name, created_at } of wanted) {
    const statuses = await readStatuses(repository, id);
    found.push({
      ...{ id, sha, environment: name, createdAt: Date.parse(created_at) },
      ...standingStatus(statuses),
    });
  }
  return found;
}

/** Newest first; as many as tell what stands. */
async function readStatuses(
  { octokit, place, fullName }: GithubRepository,
  id: number,
): Promise<DeploymentStatus[]> {
  const { data } = await ask(`show deployment ${id} of ${fullName}`, () =>
    octokit.rest.repos.listDeploymentStatuses({ ...place, deployment_id: id, per_page: 10 }),
  );
  return data.map(({ state, description, environment_url, log_url }) => ({
    ...{ state, description, environmentUrl: environment_url ?? "", logUrl: log_url ?? "" },
  }));
}

/** What became of one canary's deployment. */
export interface DeploymentResult {
  readonly id: number;
  readonly changed: boolean;
}

/** Heads of one pull request that a run looks back at; older ones have ended, or end with the pull request. */
const RECENT = 10;

/**
 * Brings a canary to one deployment of its head, in a state. Runs at the same time may each make one, and Argo CD as well: whoever made
 * one lists again, the oldest stays.
 * @param ref full commit hash
 */
export async function settleDeployment(
  repository: GithubRepository,
  { environment, ref }: { readonly environment: string; readonly ref: string },
  wanted: DeploymentStatus,
): Promise<DeploymentResult> {
  const plan = async () =>
    planDeployment(await readDeployments(repository, { environment, atMost: RECENT }), ref, wanted);
  const first = await plan();
  const made = first.id === undefined ? await create(repository, environment, ref) : undefined;
  const follow = async ({ id = made ?? 0, status, duplicates, ended }: DeploymentPlan) => {
    for (const old of [...duplicates, ...ended]) await removeDeployment(repository, old);
    if (status !== undefined) await setStatus(repository, id, environment, status);
    return { id, changed: made !== undefined || status !== undefined };
  };
  const result = await follow(made === undefined ? first : await plan());
  // The cluster may have spoken since they were listed: what was written over its word is taken back.
  if (result.changed && isBeginning(wanted)) await follow(await plan());
  return result;
}

/** Ends a deployment; its record stays. One that is gone has ended too. */
export async function endDeployment(repository: GithubRepository, id: number, reason: string): Promise<void> {
  await setStatus(repository, id, undefined, endedStatus(reason)).catch(ignoreMissing);
}

/** GitHub removes only what has ended. */
async function removeDeployment(repository: GithubRepository, id: number): Promise<void> {
  const { octokit, place, fullName } = repository;
  await endDeployment(repository, id, "There is another one of this canary.");
  await ask(`remove deployment ${id} of ${fullName}`, () =>
    octokit.rest.repos.deleteDeployment({ ...place, deployment_id: id }),
  ).catch(ignoreMissing);
}

async function create(
  { octokit, place, fullName }: GithubRepository,
  environment: string,
  ref: string,
): Promise<number> {
  const { data } = await ask(`make a deployment in ${fullName}`, () =>
    octokit.rest.repos.createDeployment({
      ...place,
      ref,
      environment,
      // Its checks may still run: a canary does not wait for them, and nothing is merged for it.
      required_contexts: [],
      auto_merge: false,
      transient_environment: true,
      production_environment: false,
    }),
  );
  // 202 has a message instead: GitHub merged the base branch first, which auto_merge: false rules out.
  return "id" in data ? data.id : 0;
}

async function setStatus(
  { octokit, place, fullName }: GithubRepository,
  id: number,
  environment: string | undefined,
  { state, description, environmentUrl, logUrl }: DeploymentStatus,
): Promise<void> {
  await ask(`give deployment ${id} of ${fullName} a status`, () =>
    octokit.rest.repos.createDeploymentStatus({
      ...place,
      deployment_id: id,
      state: state as "success",
      description,
      ...(environment !== undefined && { environment }),
      environment_url: environmentUrl,
      log_url: logUrl,
      auto_inactive: false,
    }),
  );
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error) || !isMissing(error.cause ?? error)) throw error;
}
