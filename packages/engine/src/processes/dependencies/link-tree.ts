import { mkdir, opendir, readlink, realpath, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { openBounds } from "./bounds.ts";
import { isGroup, MODULES, walk } from "./walk.ts";

/** Folders, relative to `root`, that have a `node_modules` of their own, parents first. @throws TooManyFiles */
export async function foldersWithModules(root: string): Promise<string[]> {
  const found: string[] = [];
  await walk(root, openBounds(), (path, entry) => {
    if (entry.name === MODULES && entry.isDirectory()) found.push(dirname(path));
  });
  return found.sort();
}

/** Moves the `node_modules` of these folders of one tree to the same places in another. */
export async function moveModules(folders: readonly string[], from: string, to: string): Promise<void> {
  for (const folder of folders) {
    await mkdir(join(to, folder), { recursive: true });
    await rename(join(from, folder, MODULES), join(to, folder, MODULES));
  }
}

/**
 * Gives a worktree the modules of a cached tree by links, which takes milliseconds where a copy takes seconds. A package
 * becomes a link to the cache; a workspace's own link is made again as it was, relative, so that it points into
 * this worktree and never into another.
 */
export async function linkModules(cache: string, worktree: string): Promise<void> {
  const root = await realpath(worktree);
  for (const folder of await foldersWithModules(cache)) {
    const place = await realpath(join(worktree, folder)).catch(() => undefined);
    // A commit may lack a workspace, or may have put a symbolic link in its place: nothing is written through it.
    if (place !== join(root, folder)) continue;
    await rm(join(place, MODULES), { recursive: true, force: true });
    await linkFolder(cache, worktree, join(folder, MODULES));
  }
}

async function linkFolder(cache: string, worktree: string, folder: string): Promise<void> {
  await mkdir(join(worktree, folder), { recursive: true });
  for await (const entry of await opendir(join(cache, folder))) {
    const path = join(folder, entry.name);
    if (isGroup(entry)) await linkFolder(cache, worktree, path);
    else await symlink(await linkTarget(cache, path, entry.isSymbolicLink()), join(worktree, path));
  }
}

/** A link out of the modules, and one of `.bin`, keep their relative target; all else points into the cache. */
async function linkTarget(cache: string, path: string, isLink: boolean): Promise<string> {
  const cached = join(cache, path);
  if (!isLink) return cached;
  const target = await readlink(cached);
  const place = relative(cache, resolve(dirname(cached), target));
  const staysInside = place.split(sep).includes(MODULES);
  return dirname(path).endsWith(".bin") || !staysInside ? target : cached;
}
