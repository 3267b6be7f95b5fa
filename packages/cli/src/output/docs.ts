import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** A published package has the pages in it; in the repository they are at its root. */
function docsFolder(): string {
  const own = fileURLToPath(new URL("../../docs", import.meta.url));
  return existsSync(own) ? own : fileURLToPath(new URL("../../../../docs", import.meta.url));
}

/** The same text with each `docs/<page>.md` of perch as a path that can be opened from the current folder. */
export function withDocs(text: string): string {
  const folder = docsFolder();
  return text.replace(/\bdocs\/(?:[a-z-]+\.md)?(?![\w/])/g, (name) => {
    const file = join(folder, name.slice("docs/".length));
    return existsSync(file) ? fromHere(file) : name;
  });
}

function fromHere(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}
