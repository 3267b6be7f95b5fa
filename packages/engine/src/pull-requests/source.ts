import type { ApiUse, PerchErrorData, RepositoryObservation } from "@perch/core";
import type { Mirror } from "./git/mirror.ts";

/** Where open pull requests come from. A new kind is a folder beside `git/` that implements this. */
export interface PullRequestSource {
  /** `owner/name`, as in `perch.yaml`. */
  readonly repo: string;
  /** For a person: a URL or a path. */
  readonly remote: string;
  /**
   * Looks once. Whatever is not certain is an error, so that a half answer never closes a canary.
   * @param known what was seen last, also by an engine before this one; absent: nothing was.
   * @throws PerchError SOURCE_UNREACHABLE
   */
  observe(signal: AbortSignal, known?: RepositoryObservation): Promise<RepositoryObservation>;
  /** Tells of changes until the signal, where it can: then there is something new to see, perhaps. */
  watch?(changed: () => void, signal: AbortSignal): Promise<void>;
  /** What the last look could not see, although it saw the rest. */
  problem?(): PerchErrorData | undefined;
  /** What an API was asked, for a source that asks one. */
  api?(): ApiUse;
}

/** A repository of the config, opened: its source, and a mirror of its commits. */
export interface OpenedRepository {
  readonly source: PullRequestSource;
  readonly mirror: Mirror;
}

/** @param path where its mirror is kept. */
export type OpenRepository = (repo: string, path: string) => Promise<OpenedRepository>;

/** Puts a commit's files into a new folder. */
export interface Checkout {
  /** False: the files are somebody's own, so nothing is installed into them. */
  readonly isOwn: boolean;
  /**
   * @param signal ends it, and all that git started for it.
   * @returns for a person, what of the commit is not there: submodules, files of Git LFS.
   * @throws PerchError CHECKOUT_FAILED
   */
  add(commit: string, folder: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Removes the folder; nothing happens if it is not there. */
  remove(folder: string): Promise<void>;
}
