import { readFile } from "node:fs/promises";
import { checkedHead, checkedRepository, PerchError, type Subject, subjectOfEvent } from "@perch/core";
import type { SubjectFlags } from "./options.ts";

/** The pull request that a run is about. */
export interface PullRequestSubject extends Subject {
  readonly repo: string;
  readonly pr: number;
}

/**
 * Which pull request is meant: by flags, and where they leave something out, by the event.
 * @throws PerchError USAGE, EVENT_INVALID
 */
export async function readSubject(flags: SubjectFlags): Promise<PullRequestSubject> {
  const repo = flags.repo === undefined ? undefined : checkedRepository(flags.repo);
  const head = flags.head === undefined ? undefined : checkedHead(flags.head);
  const isSaid = flags.pr !== undefined && repo !== undefined;
  const event = isSaid && head !== undefined ? {} : await readEvent(flags.event, isSaid);
  const subject = {
    ...(isSame(event, repo, flags.pr) ? event : {}),
    ...without({ repo, pr: flags.pr, head }),
  };
  if (subject.repo === undefined || subject.pr === undefined) throw unsaid();
  return { ...subject, repo: subject.repo, pr: subject.pr };
}

/** What an event says of another pull request than the one that is named is not about this one. */
function isSame(event: Subject, repo: string | undefined, pr: number | undefined): boolean {
  const isRepo = repo === undefined || repo.toLowerCase() === event.repo?.toLowerCase();
  return isRepo && (pr === undefined || pr === event.pr);
}

/** The same, with a head. */
export async function readSubjectWithHead(
  flags: SubjectFlags,
): Promise<PullRequestSubject & { readonly head: string }> {
  const subject = await readSubject(flags);
  if (subject.head === undefined) throw unsaid();
  return { ...subject, head: subject.head };
}

/** @param isOptional whether an event that is about no pull request is as good as none */
async function readEvent(file: string | undefined, isOptional: boolean): Promise<Subject> {
  if (file === undefined) return {};
  try {
    return subjectOfEvent(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (isOptional) return {};
    if (error instanceof PerchError) throw error;
    throw unreadable(file, error);
  }
}

function without(values: {
  repo: string | undefined;
  pr: number | undefined;
  head: string | undefined;
}): Subject {
  const { repo, pr, head } = values;
  return {
    ...(repo !== undefined && { repo }),
    ...(pr !== undefined && { pr }),
    ...(head !== undefined && { head }),
  };
}

function unreadable(file: string, cause: unknown): PerchError {
  return new PerchError(
    {
      code: "EVENT_INVALID",
      message: `The event cannot be read from ${file}: ${cause instanceof SyntaxError ? "it is no JSON" : (cause as NodeJS.ErrnoException).code}.`,
      hint: "A workflow's runner writes it and names it in GITHUB_EVENT_PATH; elsewhere give --repo, --pr and --head.",
      fault: "user",
    },
    { cause },
  );
}

function unsaid(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "It is not said which pull request is meant, or which of its heads.",
    hint: "Give --repo owner/name, --pr and --head, or the event by --event or GITHUB_EVENT_PATH.",
    fault: "user",
  });
}
