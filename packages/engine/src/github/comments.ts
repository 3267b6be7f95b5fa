import { type CiComment, type CommentPlan, ownComments, planComment } from "@perch/core";
import { ask, isMissing } from "./failure.ts";
import type { GithubRepository } from "./repository.ts";

export interface CommentTarget {
  /** Number of the pull request. */
  readonly number: number;
  /** What the comment begins with. */
  readonly marker: string;
  /** Login of the token's owner. */
  readonly author: string;
}

/** Perch's own comments on a pull request, oldest first. */
export async function readOwnComments(
  { octokit, place, fullName }: GithubRepository,
  { number, marker, author }: CommentTarget,
): Promise<CiComment[]> {
  const comments = await ask(`list comments of ${fullName}#${number}`, () =>
    octokit.paginate(octokit.rest.issues.listComments, { ...place, issue_number: number, per_page: 100 }),
  );
  return ownComments(
    comments.map(({ id, user, body }) => ({ id, author: user?.login ?? "", body: body ?? "" })),
    marker,
    author,
  );
}

/** What a comment came to. */
export interface CommentResult {
  readonly outcome: CommentPlan["outcome"] | "none";
  readonly id: number | undefined;
}

/** Runs at the same time may each have made a comment: the list after a change tells, and one more round mends it. */
const ROUNDS = 5;

/**
 * Brings a pull request to one comment with a text that is decided from what GitHub knows, and decided again after each change:
 * of two runs at the same time, the last one to write has seen what the other saw.
 * @param render the text, from perch's comments so far; undefined: none is needed
 */
export async function settleComment(
  repository: GithubRepository,
  target: CommentTarget,
  render: (own: readonly CiComment[]) => Promise<string | undefined>,
): Promise<CommentResult> {
  let outcome: CommentResult["outcome"] = "unchanged";
  for (let round = 0; round < ROUNDS; round += 1) {
    const own = await readOwnComments(repository, target);
    const body = await render(own);
    if (body === undefined) return { outcome: "none", id: undefined };
    const plan = planComment(own, body);
    if (plan.outcome === "unchanged" && plan.duplicates.length === 0) return { outcome, id: plan.id };
    if (outcome === "unchanged") outcome = plan.outcome;
    await apply(repository, target, plan, body);
  }
  const own = await readOwnComments(repository, target);
  return { outcome, id: own[0]?.id };
}

async function apply(
  { octokit, place, fullName }: GithubRepository,
  { number }: CommentTarget,
  { outcome, id, duplicates }: CommentPlan,
  body: string,
): Promise<void> {
  const what = `comment on ${fullName}#${number}`;
  if (id === undefined) {
    await ask(what, () => octokit.rest.issues.createComment({ ...place, issue_number: number, body }));
    return;
  }
  // What somebody else removed in the meantime, the next round makes anew or need not remove.
  const unlessGone = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  const { issues } = octokit.rest;
  if (outcome === "updated")
    await ask(what, () => unlessGone(issues.updateComment({ ...place, comment_id: id, body })));
  for (const duplicate of duplicates)
    await ask(what, () => unlessGone(issues.deleteComment({ ...place, comment_id: duplicate })));
}
