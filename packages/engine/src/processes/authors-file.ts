import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { text } from "node:stream/consumers";

/** No link is followed, and nobody is waited for: the writer of a FIFO may never come, and the thread that waits is the engine's. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file that the author of a commit, or what runs of it, has made, and closes it after use. `undefined` for everything
 * but a regular file: a symbolic link may lead anywhere, a device may have no end.
 */
export async function withAuthorsFile<T>(
  path: string,
  use: (file: FileHandle, size: number) => Promise<T>,
): Promise<T | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const file = await open(path, FLAGS).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    // Another may be in its place by now.
    const now = await file.stat();
    return now.isFile() ? await use(file, now.size) : undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/**
 * The SHA-256 of such a file, which is never in memory as a whole.
 * @param most bytes; `undefined` for one that has more.
 */
export function digestOf(path: string, most: number): Promise<string | undefined> {
  return withAuthorsFile(path, async (file, size) => {
    if (size > most) return undefined;
    const hash = createHash("sha256");
    for await (const chunk of contentOf(file, size)) hash.update(chunk as Buffer);
    return hash.digest("hex");
  });
}

/**
 * The text of such a file.
 * @param most bytes; `undefined` for one that has more.
 */
export function textOf(path: string, most: number): Promise<string | undefined> {
  return withAuthorsFile(path, async (file, size) => (size > most ? undefined : text(contentOf(file, size))));
}

/** As much as there was when it was opened: it may grow for as long as it is read. */
function contentOf(file: FileHandle, size: number): AsyncIterable<unknown> & NodeJS.ReadableStream {
  return file.createReadStream({ autoClose: false, start: 0, end: Math.max(size - 1, 0) });
}
