import { relative, sep } from "node:path";
import {
  type Config,
  configError,
  PerchError,
  packageManifests,
  parseConfig,
  type ServiceChanges,
  serviceChanges,
} from "@perch/core";
import type { Project } from "../project.ts";
import { type GitObjects, openGit } from "./git.ts";

/** Where to look, and between which revisions. */
export interface ChangeQuery {
  readonly repo: string;
  /** Any folder of the checkout. */
  readonly folder: string;
  readonly base: string;
  readonly head: string;
  readonly project: Project;
}

/** What a pull request changes, and perch.yaml at both of its ends. */
export interface Changes extends ServiceChanges {
  readonly base: Config | undefined;
  readonly head: Config;
  /** Commit. */
  readonly headCommit: string;
  /** Whether perch.yaml itself is among what changed. */
  readonly isConfigChanged: boolean;
}

/**
 * Reads git's objects and decides which services a pull request changes.
 * @throws PerchError USAGE, SOURCE_UNREACHABLE, CONFIG_INVALID, CONFIG_NOT_FOUND
 */
export async function readChanges({ repo, folder, base, head, project }: ChangeQuery): Promise<Changes> {
  const git = await openGit(folder);
  const headCommit = await git.commit(head);
  const baseCommit = await git.commit(base);
  const changedPaths = await git.changedPaths(await git.mergeBase(baseCommit, headCommit), headCommit);
  const path = relative(git.root, project.file).split(sep).join("/");
  const configs = path.startsWith("../")
    ? await outside(project)
    : await atBothEnds(git, path, baseCommit, headCommit);
  const packages = packageManifests(await git.readAll(headCommit, "package.json"));
  const found = serviceChanges({ repo, ...configs, changedPaths, packages });
  return { ...found, ...configs, headCommit, isConfigChanged: changedPaths.includes(path) };
}

/** perch.yaml of another repository: a pull request here does not change it. */
async function outside(project: Project): Promise<{ base: Config; head: Config }> {
  const { readConfig } = await import("../project.ts");
  const config = await readConfig(project);
  return { base: config, head: config };
}

async function atBothEnds(
  git: GitObjects,
  path: string,
  baseCommit: string,
  headCommit: string,
): Promise<{ base: Config | undefined; head: Config }> {
  const head = await git.read(headCommit, path);
  if (head === undefined) throw missing(path);
  const base = await git.read(baseCommit, path);
  return {
    base: base === undefined ? undefined : parsed(base, `${path} at the base`),
    head: parsed(head, `${path} at the head`),
  };
}

function parsed(text: string, name: string): Config {
  const result = parseConfig(text, name);
  if (!result.ok) throw configError(result.problems);
  return result.config;
}

function missing(path: string): PerchError {
  return new PerchError({
    code: "CONFIG_NOT_FOUND",
    message: `The head of the pull request has no ${path}.`,
    hint: "Without it there are no services. Put it back, or name the environment repository's with --config.",
    fault: "pull-request",
  });
}
