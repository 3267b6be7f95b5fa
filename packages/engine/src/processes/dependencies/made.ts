import { lstat } from "node:fs/promises";
import { basename, join } from "node:path";
import { digestOf } from "../authors-file.ts";
import { type Bounds, openBounds } from "./bounds.ts";
import { LOCK_FILES, largest } from "./fingerprint.ts";
import { entriesOf, isGroup, MODULES, walk } from "./walk.ts";

/** Package managers write these anew, often with the same text. */
const WRITTEN_ANEW = new Set([...LOCK_FILES, "package.json"]);

/** What lets Yarn begin faster, and what it does without (Yarn's docs, "Which files should be gitignored?"). */
const YARN_STATE = /(?:^|\/)\.yarn(?:\/install-state\.gz)?$/;

/** What is in a worktree beside its modules: of each path something that changes with the file. */
export type Beside = ReadonlyMap<string, string>;

/**
 * Looks at every file of a worktree but modules and git's own record. Not asked of git: after an install `.git` may be a repository
 * of a pull request's, whose settings name programs to run.
 * @throws TooManyFiles
 */
export async function lookBeside(worktree: string): Promise<Beside> {
  const found = new Map<string, string>();
  const bounds = openBounds();
  await walk(worktree, bounds, async (path, entry) => {
    if (YARN_STATE.test(path) || (entry.name === MODULES && entry.isDirectory())) return;
    // A folder's own times change with its modules too.
    found.set(path, entry.isDirectory() ? "folder" : await identity(join(worktree, path), bounds));
  });
  return found;
}

/** The first path, in the order of the alphabet, that was made, changed or removed. */
export function firstChange(before: Beside, after: Beside): string | undefined {
  const paths = new Set([...before.keys(), ...after.keys()]);
  const changed = [...paths].filter((path) => before.get(path) !== after.get(path));
  return changed.reduce<string | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
}

/** Where package managers keep programs, packages and what they set aside, in a `node_modules`. */
const OF_PACKAGE_MANAGERS = new Set([".bin", ".pnpm", ".store", ".ignored", ".bun"]);

/**
 * The first folder in a worktree's modules that a package's own script generated, as Prisma does its client (`.prisma`): it is
 * of this commit, a build may write to it, and packages find it beside their real place, which links would lead elsewhere.
 * @param folders those with modules, relative to the worktree.
 * @throws TooManyFiles
 */
export async function firstGenerated(
  worktree: string,
  folders: readonly string[],
): Promise<string | undefined> {
  const bounds = openBounds();
  for (const folder of folders) {
    for (const place of await modulesIn(worktree, join(folder, MODULES), bounds)) {
      for await (const entry of entriesOf(worktree, place, bounds)) {
        if (isGroup(entry)) await countEntries(worktree, join(place, entry.name), bounds);
        const isGenerated = entry.name.startsWith(".") && !OF_PACKAGE_MANAGERS.has(entry.name);
        if (isGenerated && entry.isDirectory()) return join(place, entry.name);
      }
    }
  }
  return undefined;
}

async function countEntries(worktree: string, folder: string, bounds: Bounds): Promise<void> {
  for await (const entry of entriesOf(worktree, folder, bounds))
    if (isGroup(entry)) await countEntries(worktree, join(folder, entry.name), bounds);
}

/** A folder of modules, and with pnpm those that each package has for itself. */
async function modulesIn(worktree: string, modules: string, bounds: Bounds): Promise<string[]> {
  const own = join(modules, ".pnpm");
  const places = [modules];
  for await (const { name } of entriesOf(worktree, own, bounds)) {
    const place = join(own, name, MODULES);
    if (await isFolder(join(worktree, place))) places.push(place);
  }
  return places;
}

async function isFolder(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/**
 * Not by the time of its last change of any kind (st_ctime): npm makes the programs of workspaces executable, also those that are.
 * An author who hides a change by setting times back has it missing from further heads of that pull request, and nowhere else.
 */
async function identity(path: string, bounds: Bounds): Promise<string> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined);
  if (found === undefined) return "gone";
  const name = basename(path);
  if (found.isFile() && WRITTEN_ANEW.has(name) && found.size <= largest(name)) {
    bounds.read(Number(found.size));
    const digest = await digestOf(path, largest(name));
    if (digest !== undefined) return digest;
  }
  return `${found.ino} ${found.size} ${found.mode} ${found.mtimeNs}`;
}
