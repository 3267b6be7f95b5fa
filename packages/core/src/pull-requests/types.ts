import type { FolderDependencies } from "./workspaces.ts";

/** An open pull request, as a source saw it. Everything in it is controlled by its author: validate before use. */
export interface PullRequest {
  /** `owner/name`, as in `perch.yaml`. */
  readonly repo: string;
  readonly number: number;
  /** Full commit hash, 40 hex digits. */
  readonly head: string;
  readonly title: string;
  /** Paths changed between the merge base and the head, relative to the repository's root, `/` between folders. */
  readonly changedPaths: readonly string[];
  /** Of services' folders at the head; those that need no package of the repository are left out. Absent: none does. */
  readonly dependencies?: readonly FolderDependencies[];
  /** Absent: the source is a git remote, which knows no labels, and every pull request gets its canaries. */
  readonly gate?: PullRequestGate;
}

/** What decides whether a pull request gets the canaries of what it changes. */
export interface PullRequestGate {
  /** All labels that it has. */
  readonly labels: readonly string[];
  readonly isDraft: boolean;
  /** Its branch is in another repository, or in one that is gone. */
  readonly isFork: boolean;
  /** Those of its labels that somebody with write access has set, and that hold for its head: see `vouchedLabels`. */
  readonly vouched: readonly string[];
}

/** What one repository looked like at one moment. */
export interface RepositoryObservation {
  readonly repo: string;
  /** Commit of the default branch: what stable runs. */
  readonly stableHead: string;
  readonly pullRequests: readonly PullRequest[];
}
