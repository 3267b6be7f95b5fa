import type { LabelHistory } from "./history.ts";

/** A pull request as the fake GitHub keeps it. */
export interface PullRequest {
  /** `owner/name` */
  readonly repo: string;
  readonly number: number;
  readonly title: string;
  readonly branch: string;
  readonly base: string;
  /** Full sha of the head commit. */
  readonly head: string;
  readonly author: string;
  readonly draft: boolean;
  readonly labels: readonly string[];
  readonly state: "open" | "closed";
  readonly merged: boolean;
  /** `owner/name` that its branch is in, where that is another repository; null: that one is gone. */
  readonly fork?: string | null;
  /** Last push to the repository of its branch, ISO 8601. */
  readonly pushedAt?: string;
  /** Last change of anything, ISO 8601. */
  readonly updatedAt?: string;
  /** ISO 8601; of closed ones. */
  readonly closedAt?: string;
  readonly history?: readonly LabelHistory[];
}

/** What can happen to a pull request, in the words of GitHub's webhooks. */
export type Change =
  | { readonly action: "opened"; readonly pullRequest: PullRequest }
  | { readonly action: "labeled" | "unlabeled"; readonly label: string; readonly by?: string }
  | { readonly action: "synchronize"; readonly head: string }
  | { readonly action: "closed"; readonly merged: boolean }
  | { readonly action: "reopened" }
  | { readonly action: "converted_to_draft" | "ready_for_review" };

/** Key of a pull request: numbers are counted per repository. */
export interface PullRequestKey {
  readonly repo: string;
  readonly number: number;
}

/** The pull request after the change, or undefined if the change changes nothing: GitHub then sends no webhook either. */
export function change(before: PullRequest, what: Change): PullRequest | undefined {
  switch (what.action) {
    case "opened":
      return what.pullRequest;
    case "labeled":
      return before.labels.includes(what.label)
        ? undefined
        : { ...before, labels: [...before.labels, what.label] };
    case "unlabeled":
      return before.labels.includes(what.label)
        ? { ...before, labels: before.labels.filter((label) => label !== what.label) }
        : undefined;
    case "synchronize":
      return before.head === what.head ? undefined : { ...before, head: what.head };
    case "closed":
      return before.state === "closed" ? undefined : { ...before, state: "closed", merged: what.merged };
    case "reopened":
      return before.state === "open" ? undefined : { ...before, state: "open", merged: false };
    case "converted_to_draft":
      return before.draft ? undefined : { ...before, draft: true };
    case "ready_for_review":
      return before.draft ? { ...before, draft: false } : undefined;
  }
}

/** The number of a repository's next pull request. */
export function nextNumber(pullRequests: readonly PullRequest[], repo: string): number {
  return Math.max(0, ...pullRequests.filter((one) => one.repo === repo).map((one) => one.number)) + 1;
}
