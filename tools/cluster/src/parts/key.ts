import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** A file of a part: path relative to the part's folder, and content. */
export interface SourceFile {
  readonly path: string;
  readonly content: Uint8Array | string;
}

/** 16 hex digits that change with any file of the part (go.sum, build script, patches) and with the machine's architecture. */
export function cacheKey(files: readonly SourceFile[], architecture: string): string {
  const hash = createHash("sha256").update(architecture);
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const file of sorted) {
    const digest = createHash("sha256").update(file.content).digest("hex");
    hash.update(`\0${file.path}\0${digest}`);
  }
  return hash.digest("hex").slice(0, 16);
}

/** All files below a folder. */
export async function sourceFiles(folder: string): Promise<SourceFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (file) => ({ path: relative(folder, file), content: await readFile(file) })),
  );
}
