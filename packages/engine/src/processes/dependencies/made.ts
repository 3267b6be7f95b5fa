import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { LOCK_FILES } from "./fingerprint.ts";
import { MODULES } from "./link-tree.ts";
import { readText } from "./read-text.ts";

/** Package managers write these anew, often with the same text. */
const WRITTEN_ANEW = new Set([...LOCK_FILES, "package.json"]);

/** What lets Yarn begin faster, and what it does without (Yarn's docs, "Which files should be gitignored?"). */
const YARN_STATE = /(?:^|\/)\.yarn(?:\/install-state\.gz)?$/;

/** What is in a worktree beside its modules: of each path something that changes with the file. */
export type Beside = ReadonlyMap<string, string>;

/**
 * Looks at every file of a worktree but modules and git's own record. Not asked of git: after an install `.git` may be a repository
 * of a pull request's, whose settings name programs to run.
 */
export async function lookBeside(worktree: string): Promise<Beside> {
  const found = new Map<string, string>();
  const look = async (folder: string): Promise<void> => {
    // What cannot be read was made so: what was in it before is missed.
    const entries = await readdir(join(worktree, folder), { withFileTypes: true }).catch(() => []);
    await Promise.all(
      entries.map(async (entry) => {
        const path = join(folder, entry.name);
        if (path === ".git" || (entry.name === MODULES && entry.isDirectory())) return;
        // A folder's own times change with its modules too.
        const kind = entry.isDirectory() ? "folder" : await identity(join(worktree, path));
        if (!YARN_STATE.test(path)) found.set(path, kind);
        if (entry.isDirectory()) await look(path);
      }),
    );
  };
  await look(".");
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
 */
export async function firstGenerated(
  worktree: string,
  folders: readonly string[],
): Promise<string | undefined> {
  const places = await Promise.all(folders.map((folder) => modulesIn(worktree, join(folder, MODULES))));
  const found = await Promise.all(
    places.flat().map(async (place) => {
      const entries = await readdir(join(worktree, place), { withFileTypes: true });
      const isGenerated = ({ name }: Dirent) => name.startsWith(".") && !OF_PACKAGE_MANAGERS.has(name);
      const generated = entries.find((entry) => entry.isDirectory() && isGenerated(entry));
      return generated === undefined ? undefined : join(place, generated.name);
    }),
  );
  return found.find((path) => path !== undefined);
}

/** A folder of modules, and with pnpm those that each package has for itself. */
async function modulesIn(worktree: string, modules: string): Promise<string[]> {
  const own = join(modules, ".pnpm");
  const packages = await readdir(join(worktree, own), { withFileTypes: true }).catch(() => []);
  const places = packages.map(({ name }) => join(own, name, MODULES));
  const isThere = await Promise.all(places.map((place) => isFolder(join(worktree, place))));
  return [modules, ...places.filter((_, i) => isThere[i])];
}

async function isFolder(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/**
 * Not by the time of its last change of any kind (st_ctime): npm makes the programs of workspaces executable, also those that are.
 * An author who hides a change by setting times back has it missing from further heads of that pull request, and nowhere else.
 */
async function identity(path: string): Promise<string> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined);
  if (found === undefined) return "gone";
  const isText = found.isFile() && WRITTEN_ANEW.has(basename(path));
  const text = isText ? await readText(path) : undefined;
  if (text !== undefined) return createHash("sha256").update(text).digest("hex");
  return `${found.ino} ${found.size} ${found.mode} ${found.mtimeNs}`;
}
