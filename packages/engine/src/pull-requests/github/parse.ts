import type { LabelEvent } from "@perch/core";

/** A pull request of GitHub's list, as far as perch cares. */
export interface ListedPullRequest {
  readonly number: number;
  readonly head: string;
  readonly title: string;
  readonly labels: readonly string[];
  readonly isDraft: boolean;
  readonly isFork: boolean;
  /** Last push to the repository of its branch, epoch milliseconds. */
  readonly pushedAt?: number;
  /** Changes with whatever happens to it; only compared. */
  readonly updatedAt: string;
}

/** https://docs.github.com/rest/pulls/pulls#list-pull-requests; `undefined`: it is something else. */
export function parsePullRequest(value: unknown): ListedPullRequest | undefined {
  const { number, title, draft, labels, head, base, updated_at } = fields(value);
  const from = fields(fields(head).repo);
  const to = fields(fields(base).repo);
  const sha = fields(head).sha;
  const names = labelNames(labels);
  if (!isNumber(number) || !isCommit(sha) || typeof title !== "string" || names === undefined)
    return undefined;
  if (typeof updated_at !== "string" || typeof to.full_name !== "string") return undefined;
  const pushedAt = Date.parse(String(from.pushed_at));
  return {
    number,
    head: sha,
    title: printable(title),
    labels: names,
    // Only a plain "no" opens the gate wider.
    isDraft: draft !== false,
    isFork: from.full_name !== to.full_name,
    ...(Number.isNaN(pushedAt) ? {} : { pushedAt }),
    updatedAt: updated_at,
  };
}

/** https://docs.github.com/rest/using-the-rest-api/issue-event-types#labeled; `undefined`: another event. */
export function parseLabelEvent(value: unknown): LabelEvent | undefined {
  const { id, event, label, actor, created_at } = fields(value);
  const { name } = fields(label);
  const { login, type } = fields(actor);
  const at = Date.parse(String(created_at));
  if (event !== "labeled" || !Number.isSafeInteger(id) || typeof name !== "string" || Number.isNaN(at))
    return undefined;
  const isPerson = type === "User" && typeof login === "string" && /^[A-Za-z0-9_-]{1,100}$/.test(login);
  return { id: id as number, label: name, at, ...(isPerson ? { by: login as string } : {}) };
}

/** Whether a collaborator's permission is to write: https://docs.github.com/rest/collaborators/collaborators; `undefined`: unclear. */
export function parseMayWrite(value: unknown): boolean | undefined {
  const { permission } = fields(value);
  if (permission === "admin" || permission === "write") return true;
  return permission === "read" || permission === "none" ? false : undefined;
}

/** Whether a pull request is closed; `undefined`: unclear. */
export function parseIsClosed(value: unknown): boolean | undefined {
  const { state } = fields(value);
  if (state === "closed") return true;
  return state === "open" ? false : undefined;
}

/** A full commit hash. */
export function isCommit(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{40}$/.test(value);
}

function labelNames(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = value.map((label) => fields(label).name);
  return names.every((name) => typeof name === "string") ? names : undefined;
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= 9_999_999_999;
}

/** A title is its author's: control characters could rewrite the terminal that shows it. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, " ").slice(0, 200);
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
