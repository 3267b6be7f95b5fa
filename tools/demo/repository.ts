import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

export interface DemoOptions {
  /** Absolute path of the files that `main` is made of. */
  readonly checkout: string;
  /** Absolute path of the bare repository. */
  readonly origin: string;
  /** Open the pull requests again even where `main` is unchanged. */
  readonly reset: boolean;
}

const PATCHES = join(import.meta.dirname, "pull-requests");

/** A branch of this name in the demo repository remembers which `main` the pull requests were opened on. */
const OPENED_ON = "refs/perch-demo/opened-on";

/**
 * A bare repository whose `main` holds the checkout's files as they are now, ignored ones left out, and whose pull requests
 * 1, 2, … are the patches beside this file. What somebody pushed to it stays until the checkout changes.
 */
export async function makeDemoRepository(options: DemoOptions): Promise<{ made: boolean }> {
  const { checkout, origin, reset } = options;
  await mkdir(origin, { recursive: true });
  await execa("git", ["init", "--quiet", "--bare", "--initial-branch=main", origin]);
  const index = await mkdtemp(join(origin, "demo-index-"));
  try {
    return await openAll(gitIn(origin, checkout, index), reset);
  } finally {
    await rm(index, { recursive: true, force: true });
  }
}

async function openAll(repository: Git, reset: boolean): Promise<{ made: boolean }> {
  const main = await commitFiles(repository);
  const openedOn = await repository(["rev-parse", "--quiet", "--verify", OPENED_ON]).catch(() => undefined);
  if (main === openedOn && !reset) return { made: false };
  await repository(["update-ref", "refs/heads/main", main]);
  for (const file of (await readdir(PATCHES)).sort()) await openPullRequest(repository, main, file);
  await repository(["update-ref", OPENED_ON, main]);
  return { made: true };
}

/** Something that a person can mend: the message says what. */
export class DemoError extends Error {
  override readonly name = "DemoError";
}

type Git = (args: readonly string[], input?: string) => Promise<string>;

/** An index of its own, also when two run at once, and authors and dates that are always the same: the same files make the same commit. */
function gitIn(origin: string, checkout: string, index: string): Git {
  const env = {
    GIT_DIR: origin,
    GIT_WORK_TREE: checkout,
    GIT_INDEX_FILE: join(index, "index"),
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "Perch demo",
    GIT_AUTHOR_EMAIL: "demo@perch.invalid",
    GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z",
    GIT_COMMITTER_NAME: "Perch demo",
    GIT_COMMITTER_EMAIL: "demo@perch.invalid",
    GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z",
  };
  return async (args, input) => {
    const { stdout } = await execa("git", args, {
      cwd: checkout,
      env,
      ...(input === undefined ? {} : { input }),
    });
    return stdout;
  };
}

async function commitFiles(git: Git): Promise<string> {
  await git(["read-tree", "--empty"]);
  await git(["add", "--all", "."]);
  return commitIndex(git, "Stable", undefined);
}

async function openPullRequest(git: Git, main: string, file: string): Promise<void> {
  const [, number, subject] = /^(\d+)-(.+)\.patch$/.exec(file) ?? [];
  if (number === undefined || subject === undefined)
    throw new DemoError(`${file} is not named <number>-<subject>.patch`);
  await git(["read-tree", main]);
  await git(["apply", "--cached", join(PATCHES, file)]).catch((cause: unknown) => {
    throw new DemoError(
      `Pull request ${number} of the demo changes lines that this checkout has changed too: tools/demo/pull-requests/${file} does not apply.`,
      { cause },
    );
  });
  const commit = await commitIndex(git, subject.replaceAll("-", " "), main);
  await git(["update-ref", `refs/pull/${number}/head`, commit]);
}

async function commitIndex(git: Git, message: string, parent: string | undefined): Promise<string> {
  const tree = await git(["write-tree"]);
  return git(["commit-tree", tree, ...(parent === undefined ? [] : ["-p", parent])], `${message}\n`);
}
