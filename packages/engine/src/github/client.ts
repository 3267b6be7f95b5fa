import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "octokit";

/** As whom GitHub is asked: a token, or the installation of a GitHub App, whose short-lived tokens are fetched and renewed. */
export type GithubCredentials =
  | { readonly token: string }
  | { readonly appId: number; readonly privateKey: string; readonly installationId: number };

export interface GithubOptions {
  /** Root of the REST API: by default GitHub's own; `https://<host>/api/v3` for GitHub Enterprise Server. */
  readonly baseUrl?: string;
  /** Absent: anonymous, which GitHub allows 60 requests an hour. */
  readonly credentials?: GithubCredentials;
}

/**
 * A client of GitHub's REST API that waits for rate limits once and repeats requests that failed on GitHub's side.
 * Its calls throw octokit's RequestError, with `status`.
 */
export function openGithub({ baseUrl, credentials }: GithubOptions): Octokit {
  return new Octokit({
    userAgent: "perch",
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...authentication(credentials),
  });
}

function authentication(credentials: GithubCredentials | undefined): object {
  if (credentials === undefined) return {};
  return "token" in credentials
    ? { auth: credentials.token }
    : { authStrategy: createAppAuth, auth: credentials };
}
