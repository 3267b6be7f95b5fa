import type { RepositoryObservation } from "@perch/core";

/** Where open pull requests come from. A new kind is a folder beside `git/` that implements this. */
export interface PullRequestSource {
  /** `owner/name`, as in `perch.yaml`. */
  readonly repo: string;
  /** For a person: a URL or a path. */
  readonly remote: string;
  /**
   * Looks once. Whatever is not certain is an error, so that a half answer never closes a canary.
   * @throws PerchError SOURCE_UNREACHABLE
   */
  observe(signal: AbortSignal): Promise<RepositoryObservation>;
}

/** Puts a commit's files into a new folder. */
export interface Checkout {
  /** False: the files are somebody's own, so nothing is installed into them. */
  readonly isOwn: boolean;
  /** @throws PerchError CHECKOUT_FAILED */
  add(commit: string, folder: string): Promise<void>;
  /** Removes the folder; nothing happens if it is not there. */
  remove(folder: string): Promise<void>;
}
