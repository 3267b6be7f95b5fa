import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import type { ManifestFile } from "../../src/manifests/file.ts";

/** Compares with `golden/<name>`; with `UPDATE_GOLDEN=1` writes it first, for a reviewer to read the difference. */
export async function matchesGolden(name: string, text: string): Promise<void> {
  const golden = new URL(`golden/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === "1") await writeFile(golden, text);
  assert.equal(text, await readFile(golden, "utf8"));
}

/** Several files as one text, each below its path. */
export function asOneText(files: readonly ManifestFile[]): string {
  return files.map(({ path, text }) => `##### ${path}\n${text}`).join("\n");
}
