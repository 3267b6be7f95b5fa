import { basename, join } from "node:path";
import pLimit from "p-limit";
import { textOf } from "../authors-file.ts";
import { openBounds, unlessTooMany } from "./bounds.ts";
import { walk } from "./walk.ts";

/** What package managers run of a repository's own package when they install (npm's docs, "Life Cycle Operation Order"). */
const ON_INSTALL = [
  "preinstall",
  "install",
  "postinstall",
  "prepublish",
  "preprepare",
  "prepare",
  "postprepare",
];

/** It sets up git's hooks, which nobody needs here: installs are told to leave that out. */
const HOOKS_ONLY = /^(?:is-ci \|\| )?husky(?: install)?(?: \|\| (?:true|exit 0))?$/;

/** Tells husky to do nothing, as on other machines that only run what is installed. */
export const WITHOUT_HOOKS = { HUSKY: "0" };

/** pnpm's other forms of a `package.json`, which are not read here, and what npm compiles unasked (npm's docs, "scripts"). */
const UNREAD = new Set(["package.json5", "package.yaml", "binding.gyp"]);

/** Bytes of one, and of all: the engine's own thread reads them. */
const LARGEST = 2 ** 18;
const MOST = 2 ** 23;

/**
 * Whether an install may run scripts of the repository's own, which may read any file of the commit: those of every package in it, since
 * an install runs those of a whole workspace. What cannot be told counts as if it had some.
 */
export async function runsOwnScripts(worktree: string): Promise<boolean> {
  let found = false;
  let left = MOST;
  // Several folders are visited at once, and what is left has to be known before more is read.
  const inTurn = pLimit(1);
  const look = async (path: string, isUnread: boolean) => {
    if (found) return;
    const text = isUnread ? undefined : await textOf(join(worktree, path), Math.min(LARGEST, left));
    left -= text?.length ?? 0;
    if (hasScripts(text)) found = true;
  };
  const looked = walk(worktree, openBounds(), async (path) => {
    const name = basename(path);
    const isUnread = UNREAD.has(name);
    if (found || (name !== "package.json" && !isUnread)) return;
    await inTurn(() => look(path, isUnread));
  });
  const isWhole = await unlessTooMany(looked.then(() => true));
  return found || isWhole === undefined;
}

function hasScripts(manifest: string | undefined): boolean {
  const scripts = manifest === undefined ? undefined : scriptsOf(manifest);
  if (scripts === undefined) return true;
  return ON_INSTALL.some((name) => {
    const script = scripts[name];
    return typeof script === "string" && !HOOKS_ONLY.test(script.trim());
  });
}

/** `undefined`: it is no JSON, or in a form of it that some package managers read all the same. */
function scriptsOf(manifest: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const { scripts } = JSON.parse(manifest) as { scripts?: unknown };
    return typeof scripts === "object" && scripts !== null ? (scripts as Record<string, unknown>) : {};
  } catch {
    return undefined;
  }
}
