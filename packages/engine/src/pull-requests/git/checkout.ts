import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { PerchError } from "@perch/core";
import { removeFolder } from "../../state/state-dir.ts";
import { gitMessage, type Run, said } from "./git.ts";
import { leftOut } from "./left-out.ts";
import { listTree } from "./texts.ts";

/** Bytes that a file takes on most disks at least. */
const BLOCK = 4_096;
/** How much longer its trees may be read than while a look waits: on a cold disk, stable's may take a minute. */
const PATIENCE = 3;
/** Part of the free disk that one commit may take: its build needs room as well. */
const PART = 0.5;

/**
 * Puts a commit's files into a new folder. Nothing is written of a commit that has too many, which is its author's: a few objects may
 * stand for millions of files.
 * @returns what of the commit is not there, a sentence each.
 * @throws PerchError CHECKOUT_FAILED
 */
export async function checkOut(
  { run, beside }: { readonly run: Run; readonly beside: Run },
  commit: string,
  folder: string,
  { walk, signal }: { readonly walk: number; readonly signal: AbortSignal },
): Promise<string[]> {
  try {
    const tree = await listTree(beside, commit, PATIENCE * walk, signal);
    if (tree === undefined) throw tooMuch(commit, listedAtMost(PATIENCE * walk));
    await refuseTooLarge(commit, tree, folder);
    // Twice, so that a folder counts as free that git was killed in the midst of making.
    const force = ["--force", "--force"];
    await run(["worktree", "add", "--quiet", "--no-checkout", ...force, "--detach", folder, commit], {
      signal,
    });
    // As `worktree add` does by itself, and without keeping others from the mirror: half a million files take a minute.
    await beside(["-C", folder, "reset", "--quiet", "--hard", "--no-recurse-submodules"], { signal });
    return await leftOut(folder, tree, signal);
  } catch (cause) {
    // What is there of it may be what fills the disk. Where it cannot go, the instance's removal tries again.
    await removeFolder(folder).catch(() => undefined);
    await run(["worktree", "prune"]).catch(() => undefined);
    signal.throwIfAborted();
    throw cause instanceof PerchError ? cause : checkoutFailed(commit, cause);
  }
}

/** `<mode> <type> <object> <size>` and a tab; a submodule has no size. */
const SIZE = / (\d+)\t/;

async function refuseTooLarge(commit: string, tree: string, folder: string): Promise<void> {
  let bytes = 0;
  for (const entry of tree.split("\0")) {
    const [, size] = SIZE.exec(entry) ?? [];
    if (size !== undefined) bytes += Math.ceil(Number(size) / BLOCK) * BLOCK;
  }
  const { bavail, bsize } = await statfs(dirname(folder));
  const free = bavail * bsize;
  if (bytes > free * PART)
    throw tooMuch(commit, `files of ${mebibytes(bytes)}, and ${mebibytes(free)} of the disk are free`);
}

function listedAtMost(milliseconds: number): string {
  return `more files, or folders, than can be listed (some 600 000, in ${milliseconds / 1000} s)`;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

function tooMuch(commit: string, what: string): PerchError {
  return new PerchError({
    code: "CHECKOUT_FAILED",
    message: `Commit ${commit.slice(0, 12)} is not checked out: it has ${what}.`,
    hint: "Push a commit that has less. One may take half of the free disk at most.",
    fault: "pull-request",
  });
}

const NOT_THERE =
  "If the branch was force-pushed meanwhile, the next look at the remote mends it; else check the disk.";
const LFS_FAILED =
  "Git LFS is set up for the user of perch, and could not fetch: the user's own git must reach its server without being asked anything.";

function checkoutFailed(commit: string, cause: unknown): PerchError {
  return new PerchError(
    {
      code: "CHECKOUT_FAILED",
      message: `Commit ${commit.slice(0, 12)} could not be checked out: ${gitMessage(cause)}.`,
      hint: /\blfs\b/.test(said(cause)) ? LFS_FAILED : NOT_THERE,
      fault: "environment",
    },
    { cause },
  );
}
