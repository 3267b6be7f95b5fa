import { parseVariantName } from "@perch/core";
import { type Command, InvalidArgumentError, Option } from "commander";
import { configOption, jsonOption, pullRequestNumber } from "../options.ts";

/** What says which pull request a command is about. */
export interface SubjectFlags {
  readonly repo?: string;
  readonly pr?: number;
  readonly head?: string;
  readonly event?: string;
  readonly config?: string;
  readonly apiUrl?: string;
  readonly json?: boolean;
  readonly dryRun?: true;
}

/** Options of every command about one pull request. */
export function addSubject(command: Command): Command {
  return command
    .addOption(new Option("--repo <owner/name>", "repository of the pull request").env("GITHUB_REPOSITORY"))
    .option("--pr <number>", "the pull request (default: the event's)", pullRequestNumber)
    .option("--head <sha>", "full commit hash of its head (default: the event's)")
    .addOption(new Option("--event <file>", "the event, as JSON").env("GITHUB_EVENT_PATH"))
    .addOption(jsonOption());
}

/** Options of a command that asks GitHub. */
export function addGithub(command: Command): Command {
  return command
    .addOption(
      new Option("--api-url <url>", "root of GitHub's API; the token is in GITHUB_TOKEN")
        .env("GITHUB_API_URL")
        .default("https://api.github.com"),
    )
    .addOption(configOption());
}

/** GitHub does not tell a workflow's token whose it is. */
export const authorOption = () =>
  new Option("--author <login>", "who GITHUB_TOKEN comments as")
    .env("PERCH_COMMENT_AUTHOR")
    .argParser(login)
    .default(WORKFLOW_BOT);

const WORKFLOW_BOT = "github-actions[bot]";

/** In a workflow a variable that is not set is an empty text. */
function login(value: string): string {
  if (value === "") return WORKFLOW_BOT;
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?$/.test(value)) return value;
  throw new InvalidArgumentError("It must be a login, such as github-actions[bot].");
}

/** An address of the web; an empty text is none. */
export function webAddress(value: string): string {
  if (value === "" || /^https?:$/.test(URL.parse(value)?.protocol ?? "")) return value;
  throw new InvalidArgumentError("It must be an address that begins with https:// or http://.");
}

export const dryRunOption = () => new Option("--dry-run", "show what would be done, and change nothing");

/** Names of services separated by commas; the empty text is none. */
export function serviceList(value: string): string[] {
  const names = value.split(/[\s,]+/).filter((name) => name !== "");
  if (names.every((name) => parseVariantName(name)?.service === name)) return [...new Set(names)];
  throw new InvalidArgumentError("It must be names of services separated by commas, such as api,store.");
}
