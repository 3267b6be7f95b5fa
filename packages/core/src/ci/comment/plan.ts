/** A comment on a pull request, anybody's. */
export interface CiComment {
  readonly id: number;
  readonly author: string;
  readonly body: string;
}

/** What to do so that there is one comment, with the wanted text. */
export interface CommentPlan {
  readonly outcome: "created" | "updated" | "unchanged";
  /** The comment that stays; undefined: it is to be made. */
  readonly id: number | undefined;
  /** Made by runs at the same time: the oldest stays. */
  readonly duplicates: readonly number[];
}

/**
 * Comments are perch's by the marker at their beginning and by their author: anybody can write a marker.
 * @param author login of the token's owner
 */
export function ownComments(comments: readonly CiComment[], marker: string, author: string): CiComment[] {
  return comments
    .filter((comment) => comment.author === author && comment.body.startsWith(marker))
    .sort((a, b) => a.id - b.id);
}

/** @param own of perch, oldest first */
export function planComment(own: readonly CiComment[], body: string): CommentPlan {
  const [first, ...duplicates] = own;
  const outcome = first === undefined ? "created" : isSame(first.body, body) ? "unchanged" : "updated";
  return { outcome, id: first?.id, duplicates: duplicates.map(({ id }) => id) };
}

/** GitHub may keep lines and the end of a text in its own way. */
function isSame(a: string, b: string): boolean {
  return a.replaceAll("\r\n", "\n").trimEnd() === b.trimEnd();
}
