import { PerchError } from "@perch/core";
import { RequestError } from "octokit";

/** A look that failed, and how long GitHub asks not to come again. */
export class GithubFailure extends PerchError {
  /** Milliseconds; absent: GitHub said nothing of it. */
  readonly wait: number | undefined;

  constructor(message: string, hint: string, cause: unknown, wait?: number) {
    super({ code: "SOURCE_UNREACHABLE", message, hint, fault: "environment" }, { cause });
    this.wait = wait;
  }

  /** Whether GitHub answered that it has no such thing. */
  get isNotFound(): boolean {
    return this.cause instanceof RequestError && this.cause.status === 404;
  }
}

const STAYS = "What was last seen stays in force until it answers.";
/** https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api: at least a minute where it names no time. */
const UNNAMED_LIMIT = 60_000;
const LONGEST_LIMIT = 2 * 3_600_000;

/** What octokit threw, as an error for a person. Nothing of the request is in it: its headers hold the token. */
export function githubFailure(repo: string, asked: string, error: unknown): GithubFailure {
  const what = `GitHub did not say of ${repo} ${asked}`;
  if (!(error instanceof RequestError)) return new GithubFailure(`${what}: ${reason(error)}.`, STAYS, error);
  const { status, response } = error;
  if (response === undefined) return new GithubFailure(`${what}: ${reason(error)}.`, STAYS, error);
  const wait = limitWait(status, response.headers, error.message);
  if (wait !== undefined) {
    const seconds = Math.ceil(wait / 1000);
    return new GithubFailure(
      `${what}: its rate limit is used up for another ${seconds} s.`,
      `${STAYS} Fewer looks (--interval) or a GitHub App of its own help.`,
      error,
      wait,
    );
  }
  return new GithubFailure(`${what}: it answered ${status}.`, hintOf(status), error);
}

/** An answer that says nothing certain. */
export function lyingAnswer(repo: string, what: string): GithubFailure {
  return new GithubFailure(`GitHub's answer about ${repo} cannot be right: ${what}.`, STAYS, undefined);
}

type Headers = Readonly<Record<string, string | number | undefined>>;

/**
 * Milliseconds that a rate limit asks for; `undefined`: it is none. Both times are GitHub's own: a wrong clock here changes nothing.
 * https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
function limitWait(status: number, headers: Headers, message: string): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const retryAfter = Number(headers["retry-after"] ?? Number.NaN);
  if (retryAfter >= 0) return bounded(retryAfter * 1000);
  if (String(headers["x-ratelimit-remaining"]) === "0") {
    const reset = Number(headers["x-ratelimit-reset"]) * 1000;
    const now = Date.parse(String(headers.date));
    return bounded(Number.isNaN(reset - now) ? UNNAMED_LIMIT : reset - now);
  }
  return status === 429 || /rate limit/i.test(message) ? UNNAMED_LIMIT : undefined;
}

function bounded(wait: number): number {
  return Math.min(Math.max(wait, 1_000), LONGEST_LIMIT);
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (error.name === "TimeoutError" || (cause instanceof Error && cause.name === "TimeoutError"))
    return "it did not answer in time";
  return error.message.replace(/\p{C}/gu, " ").slice(0, 200).replace(/\.$/, "");
}

function hintOf(status: number): string {
  if (status === 401) return `Is GITHUB_TOKEN, or the App's key, still valid? ${STAYS}`;
  if (status === 403 || status === 404)
    return `If it lasts: may the token read pull requests, contents and metadata of it? Without GitHub's API: --source git. ${STAYS}`;
  return STAYS;
}
