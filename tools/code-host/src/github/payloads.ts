import { accountJson } from "./history.ts";
import type { Change, PullRequest } from "./pull-requests.ts";

/**
 * A repository as GitHub's REST API shows it. `url` is at the root of the API's host: Argo CD compares its host with the `api`
 * of a pullRequest generator, and drops the webhook if they differ.
 */
export function repositoryJson(repo: string, origin: string): object {
  const [owner, name] = repo.split("/");
  return {
    id: idOf(repo),
    name,
    full_name: repo,
    owner: { login: owner, type: "Organization" },
    private: false,
    html_url: `${origin}/${repo}`,
    url: `${origin}/repos/${repo}`,
    clone_url: `${origin}/${repo}.git`,
    default_branch: "main",
  };
}

/** A pull request as in https://docs.github.com/rest/pulls/pulls, with the fields that clients of the bed read. */
export function pullRequestJson(one: PullRequest, origin: string): object {
  const repository = repositoryJson(one.repo, origin);
  const source = one.fork ?? one.repo;
  const [owner] = one.repo.split("/");
  const [headOwner] = source.split("/");
  return {
    id: idOf(`${one.repo}#${one.number}`),
    number: one.number,
    state: one.state,
    title: one.title,
    draft: one.draft,
    merged: one.merged,
    html_url: `${origin}/${one.repo}/pull/${one.number}`,
    url: `${origin}/repos/${one.repo}/pulls/${one.number}`,
    user: accountJson(one.author),
    updated_at: one.updatedAt,
    closed_at: one.state === "closed" ? (one.closedAt ?? null) : null,
    labels: one.labels.map((name) => labelJson(name)),
    head: {
      ref: one.branch,
      label: `${headOwner}:${one.branch}`,
      sha: one.head,
      repo: headRepository(one, origin),
    },
    base: { ref: one.base, label: `${owner}:${one.base}`, sha: "0".repeat(40), repo: repository },
  };
}

function headRepository({ repo, fork, pushedAt }: PullRequest, origin: string): object | null {
  return fork === null ? null : { ...repositoryJson(fork ?? repo, origin), pushed_at: pushedAt };
}

/** A label as GitHub's REST API shows it. */
export function labelJson(name: string): object {
  return { id: idOf(name), name, color: "ededed" };
}

/** The body of a `pull_request` webhook, as in https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request */
export function pullRequestEvent(one: PullRequest, what: Change, origin: string): object {
  return {
    action: what.action,
    number: one.number,
    pull_request: pullRequestJson(one, origin),
    repository: repositoryJson(one.repo, origin),
    sender: { login: one.author, type: "User" },
    ...("label" in what ? { label: labelJson(what.label) } : {}),
  };
}

/** A number that is always the same for the same text; GitHub's ids mean nothing, clients only compare them. */
function idOf(text: string): number {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  return hash >>> 0;
}
