import { revisionOf } from "../naming.ts";

/**
 * The tag of a canary's image: `pr-7-0123456789ab`. It has the head, because a tag that stays the same never rolls. The
 * ApplicationSet makes the same text by `pr-{{ .number }}-{{ trunc 12 .head_sha }}`. A public contract, golden-tested.
 * @param head full commit hash of the pull request's head
 */
export function imageTag(pr: number, head: string): string {
  return `pr-${pr}-${revisionOf(head)}`;
}

/** The pull request of a canary's image tag; undefined: it is none. */
export function imageTagPr(tag: string): number | undefined {
  const digits = /^pr-([1-9][0-9]{0,9})-[0-9a-f]{12}$/.exec(tag)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
