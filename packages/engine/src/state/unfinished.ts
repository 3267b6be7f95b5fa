import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Logger } from "pino";
import { staleClaims } from "./lock.ts";
import { isPartial, removeFolders } from "./state-dir.ts";

/** Names of what a crash kept from being written to its end, or from being removed, right in a state folder. */
export async function unfinished(root: string): Promise<string[]> {
  const names = await readdir(root).catch(() => []);
  return [...names.filter(isPartial), ...(await staleClaims(root))];
}

/**
 * Removes that. Only for who holds the lock: else it may be another engine's, which is about to finish it. What cannot be removed
 * must not keep the engine from starting; the next start tries again, and until then `perch residue` lists it.
 */
export async function removeUnfinished(root: string, logger: Logger): Promise<void> {
  const paths = (await unfinished(root)).map((name) => join(root, name));
  for (const [path, err] of await removeFolders(paths))
    logger.warn({ err, path: relative(root, path) }, "what a crash left could not be removed");
}
