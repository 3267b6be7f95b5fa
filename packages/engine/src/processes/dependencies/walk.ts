import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import pLimit from "p-limit";
import type { Bounds } from "./bounds.ts";

/** The folder that Node looks for packages in, beside any folder of a worktree. */
export const MODULES = "node_modules";

/** Whether an entry of modules holds packages below one name, or their programs: each of them becomes a link. */
export function isGroup(entry: Dirent): boolean {
  return entry.isDirectory() && (entry.name.startsWith("@") || entry.name === ".bin");
}

const FOLDERS_AT_ONCE = 8;

/**
 * Visits every file and folder of a worktree; of modules only the folder itself, of git's own record nothing. Symbolic links are not
 * followed.
 * @param visit is given a path relative to the worktree; several folders are visited at once, parents first.
 * @throws TooManyFiles
 */
export async function walk(
  worktree: string,
  bounds: Bounds,
  visit: (path: string, entry: Dirent) => Promise<void> | void,
): Promise<void> {
  const limit = pLimit(FOLDERS_AT_ONCE);
  const visitIn = async (folder: string) => {
    const below: string[] = [];
    for await (const entry of entriesOf(worktree, folder, bounds)) {
      const path = join(folder, entry.name);
      if (path === ".git") continue;
      await visit(path, entry);
      if (entry.isDirectory() && entry.name !== MODULES) below.push(path);
    }
    return below;
  };
  const look = async (folder: string): Promise<void> => {
    const below = await limit(() => visitIn(folder));
    await Promise.all(below.map(look));
  };
  await look(".");
}

/**
 * What is in a folder of a worktree, by and by: there may be millions.
 * @throws TooManyFiles
 */
export async function* entriesOf(worktree: string, folder: string, bounds: Bounds): AsyncGenerator<Dirent> {
  const entries = await opendir(join(worktree, folder), { bufferSize: 256 }).catch((error: unknown) => {
    if (folder === ".") throw error;
    // What cannot be read was made so: what was in it before is missed.
    return [];
  });
  for await (const entry of entries) {
    bounds.see(join(folder, entry.name));
    yield entry;
  }
}
