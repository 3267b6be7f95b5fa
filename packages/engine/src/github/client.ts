import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "octokit";

/** As whom GitHub is asked: a token, or the installation of a GitHub App, whose short-lived tokens are fetched and renewed. */
export type GithubCredentials =
  | { readonly token: string }
  | (GithubApp & { readonly installationId: number });

/** A GitHub App. By itself it may only find its installations. */
export interface GithubApp {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
}

export interface GithubOptions {
  /** Root of the REST API: by default GitHub's own; `https://<host>/api/v3` for GitHub Enterprise Server. */
  readonly baseUrl?: string;
  /** Absent: anonymous, which GitHub allows 60 requests an hour. */
  readonly credentials?: GithubCredentials | GithubApp;
  /**
   * Milliseconds that a second of waiting takes: after a failure, at a rate limit, and between two changes, which GitHub
   * asks for. Default: 1000. Less is for servers that need no rest.
   */
  readonly second?: number;
  /** Milliseconds that a request may take. With it, what fails, fails at once: the caller comes again anyway. */
  readonly timeout?: number;
}

/** Seconds that a call waits for a rate limit at most. A limit that lasts longer is an error that says so. */
const PATIENCE = 90;

/**
 * A client of GitHub's REST API. Without `timeout` it waits for rate limits once and repeats requests that failed on GitHub's side.
 * Its calls throw octokit's RequestError, with `status`.
 */
export function openGithub({ baseUrl, credentials, second, timeout }: GithubOptions): Octokit {
  const wait = (seconds: number, _request: unknown, _client: unknown, attempt: number) =>
    attempt === 0 && seconds <= PATIENCE;
  return new Octokit({
    userAgent: "perch",
    throttle: { onRateLimit: wait, onSecondaryRateLimit: wait, ...pace(second) },
    ...(second === undefined ? {} : { retry: { retryAfterBaseValue: second } }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(timeout === undefined ? {} : impatient(timeout)),
    ...authentication(credentials),
  });
}

/** The library spaces changes by a second of the wall; at any other pace they go at once. */
function pace(second: number | undefined): object {
  if (second === undefined) return {};
  const schedule = (_options: unknown, work: (...args: unknown[]) => unknown, ...args: unknown[]) =>
    work(...args);
  const atOnce = { key: () => ({ schedule }) };
  return { retryAfterBaseValue: second, write: atOnce, notifications: atOnce };
}

function authentication(credentials: GithubOptions["credentials"]): object {
  if (credentials === undefined) return {};
  return "token" in credentials
    ? { auth: credentials.token }
    : { authStrategy: createAppAuth, auth: credentials };
}

function impatient(timeout: number): object {
  const bounded = (url: string, { signal, ...init }: RequestInit) => {
    const within = AbortSignal.timeout(timeout);
    return fetch(url, { ...init, signal: signal ? AbortSignal.any([signal, within]) : within });
  };
  return { retry: { enabled: false }, throttle: { enabled: false }, request: { fetch: bounded } };
}
