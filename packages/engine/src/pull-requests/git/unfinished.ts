import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes what git commands leave that were killed: locks, and the mark of a worktree that was being made, which would keep its record,
 * and what that refers to, for ever (git-worktree(1), "locked"). No command may run on the repository.
 */
export async function removeLocks(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) {
      if (entry.name === "objects" || entry.name === "hooks") continue;
      await removeLocks(inside);
    } else if (entry.name.endsWith(".lock")) await rm(inside, { force: true });
  }
  for (const name of await readdir(join(path, "worktrees")).catch(() => []))
    await rm(join(path, "worktrees", name, "locked"), { force: true });
}

/** How git names an object or a pack that it still writes. */
const UNFINISHED = /^tmp_(?:obj|pack|idx|rev)_/;

/**
 * Removes objects that a fetch did not write to its end, as on a full disk: git keeps them, and each try leaves another. Nothing may be
 * writing objects.
 */
export async function removeUnfinishedObjects(path: string): Promise<void> {
  const objects = join(path, "objects");
  // A mirror that was damaged may have none: git says so of what it asks for first.
  const all = await readdir(objects).catch(() => []);
  const folders = all.filter((name) => name === "pack" || /^[0-9a-f]{2}$/.test(name));
  for (const folder of folders) {
    const names = (await readdir(join(objects, folder))).filter((name) => UNFINISHED.test(name));
    for (const name of names) await rm(join(objects, folder, name), { force: true });
  }
}
