import { GENERATED, type ManifestFile } from "./file.ts";

/** What rendering would do to one file. */
export type ManifestChange =
  | { readonly kind: "added"; readonly path: string; readonly after: string }
  | { readonly kind: "changed"; readonly path: string; readonly before: string; readonly after: string }
  | { readonly kind: "removed"; readonly path: string; readonly before: string }
  /** Somebody else's file is where one is rendered: it is not overwritten without being asked. */
  | { readonly kind: "foreign"; readonly path: string; readonly before: string; readonly after: string };

/**
 * What differs between the rendered files and those that are there (path → text), by path. A file that is there, was
 * rendered once and is not any more goes; whatever else is in the folder is somebody's own and stays.
 */
export function manifestChanges(
  rendered: readonly ManifestFile[],
  existing: ReadonlyMap<string, string>,
): ManifestChange[] {
  const wanted = new Set(rendered.map(({ path }) => path));
  const changes = rendered.flatMap(({ path, text: after }): ManifestChange[] => {
    const before = existing.get(path);
    if (before === undefined) return [{ kind: "added", path, after }];
    if (before === after) return [];
    return [{ kind: wasRendered(before) ? "changed" : "foreign", path, before, after }];
  });
  for (const [path, before] of existing) {
    if (!wanted.has(path) && wasRendered(before)) changes.push({ kind: "removed", path, before });
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function wasRendered(text: string): boolean {
  return text.startsWith(`# ${GENERATED}\n`);
}
