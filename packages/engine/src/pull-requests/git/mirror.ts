import { access } from "node:fs/promises";
import { join } from "node:path";
import { PerchError } from "@perch/core";
import { ExecaError } from "execa";
import pLimit from "p-limit";
import { removeFolder } from "../../state/state-dir.ts";
import type { Checkout } from "../source.ts";
import { checkOut } from "./checkout.ts";
import { startDiffs, subject } from "./commits.ts";
import { git, gitMessage, type Run, said } from "./git.ts";
import { PULL_REFS, pullRequestOf, VOUCHED_REFS } from "./refs.ts";
import { textsOf } from "./texts.ts";
import { removeLocks, removeUnfinishedObjects } from "./unfinished.ts";

/**
 * A bare clone that worktrees are made from. Git locks its files, so one command runs at a time, but for those that may take long: they
 * are beside the others, so that nobody waits for them.
 */
export interface Mirror extends Checkout {
  readonly path: string;
  /**
   * Fetches refs into `refs/perch/…`; `refspecs` as git takes them.
   * @param timeout milliseconds.
   */
  fetch(refspecs: readonly string[], signal: AbortSignal, timeout?: number): Promise<void>;
  /** Whether a commit is already here, with all that it needs: a fetch that broke off leaves parts. */
  has(commit: string): Promise<boolean>;
  /** False for a tag, a tree or a blob; an error for what is not here. */
  isCommit(object: string): Promise<boolean>;
  /** Paths that differ between the merge base of two commits and the second; `.`, everything, where there are too many to list. */
  changedPaths(base: string, head: string, signal: AbortSignal): Promise<string[]>;
  /** Texts of a commit's `package.json` files, by path; `undefined`: there is more of that than is read. */
  packageFiles(commit: string, signal: AbortSignal): Promise<Map<string, string> | undefined>;
  /**
   * Forgets the refs of pull requests that are not among these, and now and then the objects that nothing refers to. Worktrees
   * keep theirs.
   */
  collect(open: ReadonlySet<number>, signal: AbortSignal): Promise<void>;
  /** First line of a commit's message, or its beginning. */
  subject(commit: string): Promise<string>;
  /** Commits by the rest of their ref's name, of the refs below a folder such as `refs/perch/x`. */
  refs(folder: string): Promise<Map<string, string>>;
  setRef(ref: string, commit: string): Promise<void>;
  /** Nothing happens if it is not there. */
  deleteRef(ref: string): Promise<void>;
  /**
   * The pull requests that refs have a reason for: those that were open when it collected last, and what came since; until then
   * those that an earlier engine left refs of.
   */
  pullRequests(): ReadonlySet<number>;
}

/** What a remote wants to see, as environment of git: asked for before each fetch, since a token may be short-lived. */
export type Authorization = () => Promise<Readonly<Record<string, string>>>;

/** Milliseconds that reading all trees of one commit may take while a look waits: 600 000 files take some seconds. */
const WALK = 20_000;

/** Milliseconds. */
const GC_INTERVAL = 3_600_000;
const GC_TIMEOUT = 1_800_000;
/** Only where it is worth it: many loose objects or packs. */
const GC = [
  "-c",
  "gc.auto=1000",
  "-c",
  "gc.autoPackLimit=20",
  "gc",
  "--auto",
  "--quiet",
  "--no-detach",
  "--prune=1.hour.ago",
];

async function forgetRefs(run: Run, open: ReadonlySet<number>): Promise<void> {
  const refs = (await run(["for-each-ref", "--format=%(refname)", PULL_REFS, VOUCHED_REFS])).split("\n");
  for (const ref of refs) {
    const number = pullRequestOf(ref);
    if (ref !== "" && (number === undefined || !open.has(number))) await run(["update-ref", "-d", ref]);
  }
}

/**
 * Opens, and makes where needed, the mirror of a remote.
 * @param walk milliseconds after which a commit has more trees than are read.
 */
export async function openMirror(
  path: string,
  remote: string,
  authorization: Authorization = async () => ({}),
  walk = WALK,
): Promise<Mirror> {
  const oneAtATime = pLimit(1);
  const beside: Run = (args, more) => git(args, { cwd: path, ...more });
  const run: Run = (args, more) => oneAtATime(() => beside(args, more));
  let wanted = new Set<number>();
  /** Before a ref is there: whoever looks at refs, and then at this, finds each that has a reason. */
  const want = (ref: string) => {
    const number = pullRequestOf(ref);
    if (number !== undefined) wanted.add(number);
  };
  const open = async () => {
    await initialise(path);
    await removeLocks(path);
    await removeUnfinishedObjects(path);
    await run(["config", "remote.perch.url", remote]);
    // A crash leaves worktree records whose folders are gone.
    await run(["worktree", "prune"]);
    for (const ref of (await refsBelow(run, "refs/perch")).keys()) want(`refs/perch/${ref}`);
  };
  try {
    await open().catch(async (error: unknown) => {
      if (!isDamage(error)) throw error;
      // Damaged, by a power cut perhaps: it is a copy, and is fetched again.
      await removeFolder(path);
      await open();
    });
  } catch (cause) {
    throw unusable(path, cause);
  }
  let collected = 0;
  /** Its collection of garbage writes packs too. */
  let isCollecting = false;
  return {
    path,
    isOwn: true,
    collect: async (open, signal) => {
      await forgetRefs(run, open);
      wanted = new Set(open);
      if (Date.now() - collected < GC_INTERVAL) return;
      collected = Date.now();
      // Beside other commands: it keeps what is younger than an hour, which they may be about to use. It may take minutes,
      // and what it could not collect is collected next time.
      isCollecting = true;
      git(GC, { cwd: path, timeout: GC_TIMEOUT, signal })
        .catch(() => undefined)
        .finally(() => {
          isCollecting = false;
        });
    },
    fetch: async (refspecs, signal, timeout) => {
      for (const refspec of refspecs) want(refspec.slice(refspec.indexOf(":") + 1));
      const env = await authorization();
      const args = [
        "fetch",
        "--quiet",
        "--no-tags",
        "--force",
        "--no-write-fetch-head",
        "perch",
        ...refspecs,
      ];
      try {
        await beside(args, { signal, env, ...(timeout === undefined ? {} : { timeout }) });
      } catch (error) {
        if (!isCollecting) await removeUnfinishedObjects(path).catch(() => undefined);
        throw error;
      }
    },
    has: (commit) =>
      run(["rev-list", "--objects", "--quiet", commit, "--not", "--all"]).then(
        () => true,
        () => false,
      ),
    isCommit: async (object) => (await run(["cat-file", "-t", object])) === "commit",
    changedPaths: startDiffs(beside, walk),
    packageFiles: (commit, signal) => textsOf(beside, commit, "package.json", walk, signal),
    subject: (commit) => subject(run, commit),
    refs: (folder) => refsBelow(run, folder),
    setRef: async (ref, commit) => {
      want(ref);
      await run(["update-ref", ref, commit]);
    },
    deleteRef: async (ref) => {
      await run(["update-ref", "-d", ref]);
    },
    pullRequests: () => wanted,
    add: (commit, folder, signal) => checkOut({ run, beside }, commit, folder, { walk, signal }),
    remove: async (folder) => {
      await removeFolder(folder);
      await run(["worktree", "prune"]);
    },
  };
}

async function initialise(path: string): Promise<void> {
  const exists = await access(join(path, "HEAD")).then(
    () => true,
    () => false,
  );
  if (!exists) await git(["init", "--quiet", "--bare", path], { cwd: "." });
}

function isDamage(cause: unknown): boolean {
  return /not a git repository|not in a git directory|bad config|corrupt|invalid gitfile/i.test(said(cause));
}

function isMissing(cause: unknown): boolean {
  return cause instanceof ExecaError && cause.code === "ENOENT";
}

async function refsBelow(run: Run, folder: string): Promise<Map<string, string>> {
  const output = await run(["for-each-ref", "--format=%(objectname) %(refname)", folder]);
  const lines = output.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => [line.slice(42 + folder.length), line.slice(0, 40)]));
}

function unusable(path: string, cause: unknown): PerchError {
  return new PerchError(
    {
      code: "STATE_DIR_UNUSABLE",
      message: `The mirror ${path} cannot be opened: ${gitMessage(cause)}.`,
      hint: isMissing(cause) ? "Install git." : "Delete that folder: it is a copy, and is fetched again.",
      fault: "environment",
    },
    { cause },
  );
}
