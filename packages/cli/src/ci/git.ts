import { execFile, spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { PerchError } from "@perch/core";

const execute = promisify(execFile);

/** Objects of a checkout's repository. The working tree is never read: it may be of another commit, or have symbolic links. */
export interface GitObjects {
  /** Absolute path of the checkout's root. */
  readonly root: string;
  /** @throws PerchError USAGE unless the revision names a commit that is there */
  commit(revision: string): Promise<string>;
  /** @throws PerchError SOURCE_UNREACHABLE when the history does not reach that far */
  mergeBase(base: string, head: string): Promise<string>;
  /** Paths that differ; a renamed file counts with both of its names. */
  changedPaths(from: string, to: string): Promise<string[]>;
  /** Text of a file in a commit; undefined: there is none. */
  read(commit: string, path: string): Promise<string | undefined>;
  /** Texts of all files of a name, by path. */
  readAll(commit: string, name: string): Promise<Map<string, string>>;
}

/** @throws PerchError USAGE when the folder is in no git checkout */
export async function openGit(folder: string): Promise<GitObjects> {
  const root = (await git(folder, ["rev-parse", "--show-toplevel"]).catch(() => "")).trimEnd();
  if (root === "") throw noCheckout(folder);
  return {
    root,
    commit: async (revision) => {
      const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
      const found = await git(root, args).catch(() => "");
      if (found === "") throw noCommit(revision);
      return found.trim();
    },
    mergeBase: async (base, head) => {
      const found = await git(root, ["merge-base", base, head]).catch(() => "");
      if (found === "") throw noMergeBase(base, head);
      return found.trim();
    },
    changedPaths: async (from, to) => {
      const flags = ["--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv"];
      return lines(await git(root, ["diff", ...flags, from, to]));
    },
    read: async (commit, path) => (await readBlobs(root, commit, [path])).get(path),
    readAll: async (commit, name) => {
      const paths = lines(await git(root, ["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit]));
      return readBlobs(
        root,
        commit,
        paths.filter((path) => path === name || path.endsWith(`/${name}`)),
      );
    },
  };
}

async function git(folder: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute("git", ["-C", folder, ...args], { maxBuffer: 256 * 1024 * 1024 });
  return stdout;
}

function lines(output: string): string[] {
  return output.split("\0").filter((line) => line !== "");
}

/** One process for any number of files. A path with a line end in it cannot be asked for, and is left out. */
async function readBlobs(
  root: string,
  commit: string,
  paths: readonly string[],
): Promise<Map<string, string>> {
  const asked = paths.filter((path) => !path.includes("\n"));
  if (asked.length === 0) return new Map();
  const child = spawn("git", ["-C", root, "cat-file", "--batch"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(asked.map((path) => `${commit}:${path}\n`).join(""));
  const output = await buffer(child.stdout);
  const found = new Map<string, string>();
  let at = 0;
  for (const path of asked) {
    // `<object> <type> <size>`, or `<what was asked> missing`
    const end = output.indexOf("\n", at);
    const [, type, size = "0"] = /^[0-9a-f]{40,64} (\w+) (\d+)$/.exec(output.toString("utf8", at, end)) ?? [];
    at = end + 1;
    if (type === undefined) continue;
    if (type === "blob") found.set(path, output.toString("utf8", at, at + Number(size)));
    at += Number(size) + 1;
  }
  return found;
}

function noCheckout(folder: string): PerchError {
  return new PerchError({
    code: "USAGE",
    message: `${folder} is in no git checkout.`,
    hint: "Name the checkout of the pull request's repository with --git-dir.",
    fault: "user",
  });
}

function noCommit(revision: string): PerchError {
  const shown = JSON.stringify(revision.slice(0, 80)).replace(/[^ -~]/g, "?");
  return new PerchError({
    code: "USAGE",
    message: `This checkout has no commit ${shown}.`,
    hint: "Fetch it first; actions/checkout needs fetch-depth: 0. --base and --head name commits.",
    fault: "user",
  });
}

function noMergeBase(base: string, head: string): PerchError {
  return new PerchError({
    code: "SOURCE_UNREACHABLE",
    message: `The history of this checkout has no commit that ${base.slice(0, 12)} and ${head.slice(0, 12)} share.`,
    hint: "It is cut off: actions/checkout needs fetch-depth: 0.",
    fault: "environment",
  });
}
