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
  /** Milliseconds that a request may take. With it, what fails, fails at once: the caller comes again anyway. */
  readonly timeout?: number;
}

/**
 * A client of GitHub's REST API. Without `timeout` it waits for rate limits once and repeats requests that failed on GitHub's side.
 * Its calls throw octokit's RequestError, with `status`.
 */
export function openGithub({ baseUrl, credentials, timeout }: GithubOptions): Octokit {
  return new Octokit({
    userAgent: "perch",
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(timeout === undefined ? {} : impatient(timeout)),
    ...authentication(credentials),
  });
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
