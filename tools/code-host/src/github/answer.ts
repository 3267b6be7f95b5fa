import { createHash } from "node:crypto";
import { pullRequestJson, repositoryJson } from "./payloads.ts";
import type { PullRequest } from "./pull-requests.ts";

/** What the API is asked. */
export interface Question {
  readonly method: string;
  /** Path with query, as in the request line. */
  readonly target: string;
  readonly ifNoneMatch: string | undefined;
  /** Scheme and authority under which the client reaches the API. */
  readonly origin: string;
}

/** What the API answers; the body is JSON text. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const DEFAULT_PER_PAGE = 30;
const MAX_PER_PAGE = 100;

/**
 * The read side of GitHub's REST API, as far as generators and workflows use it: repositories and pull requests. Clients
 * of GitHub Enterprise put `/api/v3` first; it is taken off.
 */
export function answer(question: Question, pullRequests: readonly PullRequest[]): Answer {
  const url = new URL(question.target, question.origin);
  const path = pathOf(url);
  const [, repo, rest] = /^\/repos\/([^/]+\/[^/]+)(\/.*)?$/.exec(path) ?? [];
  if (repo === undefined || question.method !== "GET") return problem(404, "Not Found");
  const ofRepo = pullRequests.filter((one) => one.repo.toLowerCase() === repo.toLowerCase());
  if (rest === undefined) return withETag(question, repositoryJson(repo, question.origin));
  if (rest === "/pulls") return list(question, url, ofRepo);
  const [, number] = /^\/(?:pulls|issues)\/(\d+)$/.exec(rest) ?? [];
  const one = ofRepo.find((candidate) => candidate.number === Number(number));
  if (one === undefined) return problem(404, "Not Found");
  return withETag(question, pullRequestJson(one, question.origin));
}

/** The path without what GitHub Enterprise puts first. */
export function pathOf(url: URL): string {
  return url.pathname.replace(/^\/api\/v3(?=\/)/, "");
}

/** An answer in the shape of GitHub's errors. */
export function problem(status: number, message: string): Answer {
  return json(status, { message, documentation_url: "https://docs.github.com/rest", status: String(status) });
}

/** Any JSON answer. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  const type = { "content-type": "application/json; charset=utf-8" };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(body) };
}

function list(question: Question, url: URL, ofRepo: readonly PullRequest[]): Answer {
  const state = url.searchParams.get("state") ?? "open";
  const wanted = ofRepo
    .filter((one) => state === "all" || one.state === state)
    .sort((a, b) => b.number - a.number);
  if (url.searchParams.get("direction") === "asc") wanted.reverse();
  return paged(
    question,
    url,
    wanted.map((one) => pullRequestJson(one, question.origin)),
  );
}

/** One page of a list, as `per_page` and `page` ask for it, with links to the others. */
export function paged(question: Question, url: URL, items: readonly unknown[]): Answer {
  const perPage = Math.min(positive(url.searchParams.get("per_page"), DEFAULT_PER_PAGE), MAX_PER_PAGE);
  const page = positive(url.searchParams.get("page"), 1);
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const shown = items.slice((page - 1) * perPage, page * perPage);
  const link = links(url, page, last);
  return withETag(question, shown, link === "" ? {} : { link });
}

/** RFC 8288, in the way of https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
export function links(url: URL, page: number, last: number): string {
  const to = (number: number, relation: string) => {
    const target = new URL(url);
    target.searchParams.set("page", String(number));
    return `<${target.href}>; rel="${relation}"`;
  };
  return [
    ...(page > 1 ? [to(page - 1, "prev"), to(1, "first")] : []),
    ...(page < last ? [to(page + 1, "next"), to(last, "last")] : []),
  ].join(", ");
}

/** The answer with the ETag of its body, or 304 where the client has it already: whether there is a next page is not part of it. */
export function withETag(question: Question, body: unknown, headers: Record<string, string> = {}): Answer {
  const full = json(200, body, headers);
  const etag = `W/"${createHash("sha256").update(full.body).digest("hex")}"`;
  if (question.ifNoneMatch === etag) return { status: 304, headers: { ...headers, etag }, body: "" };
  return { ...full, headers: { ...full.headers, etag } };
}

function positive(text: string | null, fallback: number): number {
  const number = Number(text ?? fallback);
  return Number.isInteger(number) && number > 0 ? number : fallback;
}
