import { json } from "./answer.ts";
import { type Call, type Handler, notFound, page, unprocessable } from "./call.ts";
import { eventJson } from "./history.ts";
import { labelJson } from "./payloads.ts";
import type { PullRequest } from "./pull-requests.ts";

/** Longest name of a label. */
const LONGEST = 50;

/** Labels of pull requests, and who set them: https://docs.github.com/rest/issues/labels, …/rest/issues/events */
export const labels: Handler = (call) => {
  const [, number, rest = ""] = /^\/issues\/(\d+)\/(labels(?:\/.+)?|events)$/.exec(call.path) ?? [];
  if (number === undefined) return undefined;
  const find = () =>
    call.store.pullRequests.find((pr) => pr.repo === call.repo && pr.number === Number(number));
  const pullRequest = find();
  if (pullRequest === undefined) return notFound();
  if (rest === "events") return page(call, (pullRequest.history ?? []).map(eventJson));
  if (rest === "labels") return ofIssue(call, pullRequest, find);
  return call.question.method === "DELETE" ? remove(call, pullRequest, rest, find) : undefined;
};

async function ofIssue(call: Call, pullRequest: PullRequest, find: () => PullRequest | undefined) {
  if (call.question.method === "GET") return page(call, pullRequest.labels.map(labelJson));
  if (call.question.method !== "POST") return undefined;
  const names = call.body.labels;
  const isValid = (name: unknown) => typeof name === "string" && name.length > 0 && name.length <= LONGEST;
  if (!Array.isArray(names) || !names.every(isValid)) return unprocessable("labels");
  for (const label of names as string[]) await change(call, pullRequest, "labeled", label);
  return json(200, find()?.labels.map(labelJson));
}

async function remove(
  call: Call,
  pullRequest: PullRequest,
  rest: string,
  find: () => PullRequest | undefined,
) {
  const label = decodeURIComponent(rest.slice("labels/".length));
  if (!pullRequest.labels.includes(label)) return notFound();
  await change(call, pullRequest, "unlabeled", label);
  return json(200, find()?.labels.map(labelJson));
}

async function change(
  call: Call,
  { repo, number, labels: before }: PullRequest,
  event: "labeled" | "unlabeled",
  label: string,
) {
  const { store, login = "", question } = call;
  if (before.includes(label) === (event === "labeled")) return;
  await store.change({ repo, number }, { action: event, label, by: login }, question.origin);
}
