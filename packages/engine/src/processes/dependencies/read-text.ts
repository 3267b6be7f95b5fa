import { readFile, stat } from "node:fs/promises";

/** Bytes. The largest lock files have some millions. */
const LARGEST = 2 ** 26;

/**
 * The text of a file of a commit; empty if there is none. A commit may have a symbolic link to anything in its place: `undefined`
 * for what is no file with an end. Those of /proc say that they are empty (proc(5)), and some never end.
 */
export async function readText(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || (found.isFile() && found.size === 0)) return "";
  if (!found.isFile() || found.size > LARGEST) return undefined;
  return readFile(path, "utf8").catch(() => undefined);
}
