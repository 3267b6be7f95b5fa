import { json } from "./answer.ts";
import {
  type Call,
  created,
  type Handler,
  NO_CONTENT,
  notFound,
  page,
  textOf,
  timeText,
  unprocessable,
} from "./call.ts";
import { accountJson } from "./history.ts";
import type { Deployment, DeploymentStatus } from "./records.ts";

const STATES = ["error", "failure", "inactive", "in_progress", "queued", "pending", "success"];
const LONGEST_DESCRIPTION = 140;

/** Deployments and their statuses: https://docs.github.com/rest/deployments */
export const deployments: Handler = (call) => {
  if (call.path === "/deployments") return call.question.method === "POST" ? create(call) : list(call);
  const [, id, statuses] = /^\/deployments\/(\d+)(\/statuses)?$/.exec(call.path) ?? [];
  if (id === undefined) return undefined;
  const found = call.records.deployments.find((one) => one.repo === call.repo && one.id === Number(id));
  if (found === undefined) return notFound();
  if (statuses !== undefined) return ofDeployment(call, found);
  return call.question.method === "DELETE" ? remove(call, found) : json(200, deploymentJson(found));
};

function list(call: Call) {
  const { searchParams } = call.url;
  const isWanted = (one: Deployment) =>
    (["ref", "sha", "environment", "task"] as const).every((key) => {
      const value = searchParams.get(key);
      return value === null || one[key] === value;
    });
  const found = call.records.deployments.filter((one) => one.repo === call.repo && isWanted(one));
  return page(call, found.toReversed().map(deploymentJson));
}

function create(call: Call) {
  const { records, repo, body, login } = call;
  const ref = textOf(body.ref);
  const description = textOf(body.description);
  if (ref === "" || description.length > LONGEST_DESCRIPTION) return unprocessable("ref, description");
  const deployment: Deployment = {
    id: records.nextId(),
    repo,
    ref,
    sha: ref,
    environment: textOf(body.environment) || "production",
    task: textOf(body.task) || "deploy",
    description,
    isTransient: body.transient_environment === true,
    isProduction: body.production_environment === true,
    creator: login ?? "",
    createdAt: Date.now(),
    statuses: [],
  };
  records.deployments = [...records.deployments, deployment];
  return created(deploymentJson(deployment));
}

function ofDeployment(call: Call, deployment: Deployment) {
  const { records, body, login } = call;
  if (call.question.method === "GET") return page(call, deployment.statuses.map(statusJson));
  const state = textOf(body.state);
  const description = textOf(body.description);
  if (!STATES.includes(state) || description.length > LONGEST_DESCRIPTION) return unprocessable("state");
  const status: DeploymentStatus = {
    id: records.nextId(),
    state,
    description,
    environmentUrl: textOf(body.environment_url),
    logUrl: textOf(body.log_url),
    creator: login ?? "",
    createdAt: Date.now(),
  };
  replace(call, { ...deployment, statuses: [status, ...deployment.statuses] });
  return created(statusJson(status));
}

/** Only what is not active can go. */
function remove(call: Call, deployment: Deployment) {
  const isActive = deployment.statuses[0]?.state !== "inactive";
  if (isActive && call.records.deployments.length > 1) return unprocessable("the deployment is active");
  call.records.deployments = call.records.deployments.filter((one) => one !== deployment);
  return NO_CONTENT;
}

function replace({ records }: Call, changed: Deployment): void {
  records.deployments = records.deployments.map((one) => (one.id === changed.id ? changed : one));
}

function deploymentJson(one: Deployment): object {
  return {
    id: one.id,
    ref: one.ref,
    sha: one.sha,
    task: one.task,
    environment: one.environment,
    description: one.description,
    transient_environment: one.isTransient,
    production_environment: one.isProduction,
    creator: accountJson(one.creator),
    created_at: timeText(one.createdAt),
    updated_at: timeText(one.statuses[0]?.createdAt ?? one.createdAt),
  };
}

function statusJson(one: DeploymentStatus): object {
  return {
    id: one.id,
    state: one.state,
    description: one.description,
    environment_url: one.environmentUrl,
    log_url: one.logUrl,
    creator: accountJson(one.creator),
    created_at: timeText(one.createdAt),
  };
}
