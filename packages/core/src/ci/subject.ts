import { isPrNumber } from "@perch/header";
import { PerchError } from "../errors.ts";

/** Which pull request a run is about, as far as it was said. */
export interface Subject {
  /** `owner/name` */
  readonly repo?: string;
  readonly pr?: number;
  /** Full commit hash. */
  readonly head?: string;
  /** Commit of the branch that it wants to be merged into. */
  readonly base?: string;
  /** Whether the branch is in the repository itself and its author is no bot: only then a run has secrets. */
  readonly trusted?: boolean;
}

const COMMIT = /^[0-9a-f]{40}$/;
const REPOSITORY = /^[A-Za-z0-9_][A-Za-z0-9_-]*\/(?!\.{1,2}$)[A-Za-z0-9_.-]+$/;

/** @throws PerchError USAGE unless it is a full commit hash */
export function checkedHead(text: string): string {
  if (COMMIT.test(text)) return text;
  throw usage("A head is a full commit hash of 40 hex digits", text, "git rev-parse HEAD prints one.");
}

/** @throws PerchError USAGE unless it is `owner/name` */
export function checkedRepository(text: string): string {
  if (REPOSITORY.test(text)) return text;
  throw usage("A repository is named owner/name", text, "For example --repo acme/shop.");
}

/**
 * The subject of a GitHub event: one about a pull request, a deployment of a canary, or a dispatch with inputs `pr` and `head`.
 * Only numbers, commits and names are taken from it: titles and branches are whatever an author likes.
 * @throws PerchError EVENT_INVALID for any other event
 */
export function subjectOfEvent(event: unknown): Subject {
  const { pull_request, deployment, inputs, repository } = record(event);
  const repo = repositoryOf(record(repository).full_name);
  if (pull_request !== undefined) return ofPullRequest(record(pull_request), repo);
  if (deployment !== undefined) return ofDeployment(record(deployment), repo);
  if (inputs !== undefined && inputs !== null) return ofInputs(record(inputs), repo);
  throw wrongKind("it has no pull request, no deployment and no inputs");
}

function ofPullRequest(pullRequest: Readonly<Record<string, unknown>>, repo: string): Subject {
  const head = record(pullRequest.head);
  const author = record(pullRequest.user);
  const source = record(head.repo).full_name;
  return {
    repo,
    pr: numberOf(pullRequest.number),
    head: commitOf(head.sha),
    base: commitOf(record(pullRequest.base).sha),
    trusted: isTrusted({
      repo,
      source: typeof source === "string" ? source : undefined,
      isBot: author.type !== "User",
    }),
  };
}

/** Environments of canaries are called as their namespaces: `store-canary-pr-45`. */
function ofDeployment(deployment: Readonly<Record<string, unknown>>, repo: string): Subject {
  const digits = /-canary-pr-([1-9][0-9]{0,9})$/.exec(String(deployment.environment))?.[1];
  if (digits === undefined) throw wrongKind("its deployment is of no canary");
  return { repo, pr: numberOf(Number(digits)), head: commitOf(deployment.sha) };
}

function ofInputs(inputs: Readonly<Record<string, unknown>>, repo: string): Subject {
  return { repo, pr: numberOf(Number(inputs.pr)), head: commitOf(inputs.head) };
}

/**
 * Whether the code of a pull request may be built with secrets: not from a fork, and not by a bot.
 * @param source repository of its branch; undefined: it was deleted, so it was a fork
 */
export function isTrusted({
  repo,
  source,
  isBot,
}: {
  readonly repo: string;
  readonly source: string | undefined;
  readonly isBot: boolean;
}): boolean {
  return source?.toLowerCase() === repo.toLowerCase() && !isBot;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function repositoryOf(value: unknown): string {
  if (typeof value === "string" && REPOSITORY.test(value)) return value;
  throw wrongKind("its repository has no name");
}

function numberOf(value: unknown): number {
  if (typeof value === "number" && isPrNumber(value)) return value;
  throw wrongKind("its pull request has no number");
}

function commitOf(value: unknown): string {
  if (typeof value === "string" && COMMIT.test(value)) return value;
  throw wrongKind("it names no commit of 40 hex digits");
}

function wrongKind(why: string): PerchError {
  return new PerchError({
    code: "EVENT_INVALID",
    message: `This event cannot say which pull request is meant: ${why}.`,
    hint: "Run on pull_request, deployment_status or workflow_dispatch with inputs pr and head, or give --repo, --pr and --head.",
    fault: "user",
  });
}

function usage(expected: string, text: string, hint: string): PerchError {
  const shown = JSON.stringify(text.slice(0, 60)).replace(/[^ -~]/g, "?");
  return new PerchError({ code: "USAGE", message: `${expected}, not ${shown}.`, hint, fault: "user" });
}
