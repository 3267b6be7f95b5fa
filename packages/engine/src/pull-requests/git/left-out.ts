import { join } from "node:path";
import { withAuthorsFile } from "../../processes/authors-file.ts";
import { git } from "./git.ts";

/** How a file begins that stands for one in Git LFS (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md). */
const POINTER = "version https://git-lfs.github.com/spec/v1\n";
/** How the entry of a submodule begins in a tree. */
const SUBMODULE = "160000 ";
/** Without such a file, no other is in Git LFS. */
const ATTRIBUTES = /[\t/]\.gitattributes$/;
/** Names that a sentence shows. */
const SHOWN = 3;

/**
 * What a worktree has only the place of, a sentence each. It may ask git in the worktree: only before code of the commit has run there.
 * @param tree the commit's entries, as `listTree` has them.
 */
export async function leftOut(worktree: string, tree: string, signal: AbortSignal): Promise<string[]> {
  const entries = tree.split("\0");
  const submodules = entries
    .filter((entry) => entry.startsWith(SUBMODULE))
    .map((entry) => entry.slice(entry.indexOf("\t") + 1));
  const pointers = entries.some((entry) => ATTRIBUTES.test(entry)) ? await pointersIn(worktree, signal) : [];
  return [
    ...sentence(submodules, "Submodules are not fetched, these folders are empty"),
    ...sentence(pointers, "Git LFS is not set up for the user of perch, these files are pointers"),
  ];
}

/** With git-lfs, git has put the content there. */
async function pointersIn(cwd: string, signal: AbortSignal): Promise<string[]> {
  const listed = await git(["ls-files", "-z", "--", ":(attr:filter=lfs)"], { cwd, signal });
  const [first, ...more] = listed.split("\0").filter((path) => path !== "");
  // One tells of all: git-lfs is there or it is not.
  return first !== undefined && (await isPointer(join(cwd, first))) ? [first, ...more] : [];
}

async function isPointer(path: string): Promise<boolean> {
  const beginning = await withAuthorsFile(path, async (file) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(POINTER.length));
    return buffer.toString("latin1", 0, bytesRead);
  });
  return beginning === POINTER;
}

function sentence(paths: readonly string[], what: string): string[] {
  if (paths.length === 0) return [];
  const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : "";
  // Names of files are the author's.
  return [`${what}: ${paths.slice(0, SHOWN).join(", ").replace(/\p{C}/gu, " ")}${more}.`];
}
