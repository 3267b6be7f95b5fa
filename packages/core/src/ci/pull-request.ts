import { PerchError } from "../errors.ts";
import { revisionOf } from "../naming.ts";

/** A pull request as GitHub has it now, as far as workflows decide by it. */
export interface CiPullRequest {
  /** `owner/name` */
  readonly repo: string;
  readonly number: number;
  /** Full commit hash. */
  readonly head: string;
  readonly isOpen: boolean;
  /** From a branch of the repository itself, and by no bot. */
  readonly isTrusted: boolean;
  readonly labels: readonly string[];
}

/**
 * Runs overlap: the one that was started for an older head, or for a state that is over, must change nothing.
 * @param head what the run was started for; undefined: whatever it is now
 * @throws PerchError SUPERSEDED
 */
export function requireCurrent(pullRequest: CiPullRequest, head: string | undefined): void {
  if (!pullRequest.isOpen) throw superseded(pullRequest, "is closed");
  if (head !== undefined && pullRequest.head !== head)
    throw superseded(
      pullRequest,
      `has another head now, ${revisionOf(pullRequest.head)}, not ${revisionOf(head)}`,
    );
}

/**
 * A head of a fork or a bot gets labels only by name: whoever sets them has let this one be built.
 * @throws PerchError NOT_ALLOWED, SUPERSEDED
 */
export function requireAllowed(pullRequest: CiPullRequest, head: string | undefined): void {
  requireCurrent(pullRequest, head);
  if (pullRequest.isTrusted || head !== undefined) return;
  throw new PerchError({
    code: "NOT_ALLOWED",
    message: `${pullRequest.repo}#${pullRequest.number} comes from a fork or a bot, and it is not said which of its heads is meant.`,
    hint: "Give the head that a maintainer has read: --head <40 hex digits>.",
    fault: "user",
  });
}

/** @throws PerchError SUPERSEDED unless it is closed */
export function requireClosed(pullRequest: CiPullRequest): void {
  if (pullRequest.isOpen) throw superseded(pullRequest, "is open");
}

/**
 * A maintainer lets one head of a fork or a bot be built. What he read is what gets built: a head that moved since is refused.
 * @throws PerchError SUPERSEDED, or NOT_ALLOWED for a pull request that needs no maintainer
 */
export function requireForkHead(pullRequest: CiPullRequest, head: string): void {
  requireCurrent(pullRequest, head);
  if (!pullRequest.isTrusted) return;
  throw new PerchError({
    code: "NOT_ALLOWED",
    message: `${pullRequest.repo}#${pullRequest.number} is from a branch of the repository itself, by a person.`,
    hint: "Its canary is built by the workflow that runs on pull_request; nobody needs to dispatch it.",
    fault: "user",
  });
}

function superseded({ repo, number }: CiPullRequest, what: string): PerchError {
  return new PerchError({
    code: "SUPERSEDED",
    message: `${repo}#${number} ${what}: nothing was changed.`,
    hint: "The run of the newer event does what is needed.",
    fault: "pull-request",
  });
}
