import { lstat, mkdir, readdir, readFile, realpath, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import {
  COMPOSE_FILE,
  COMPOSE_FOLDER,
  MANIFESTS_FOLDER,
  type ManifestChange,
  PerchError,
  type StableTags,
} from "@perch/core";
import { parse } from "yaml";

/** Text of every file below `manifests/`, by path from the folder, with `/`. Symbolic links are not followed. */
export function readManifests(folder: string): Promise<Map<string, string>> {
  return readFilesBelow(folder, MANIFESTS_FOLDER);
}

/** The same for the compose file and the folder of what it mounts. */
export async function readComposeFiles(folder: string): Promise<Map<string, string>> {
  const files = await readFilesBelow(folder, COMPOSE_FOLDER);
  const file = await lstat(join(folder, COMPOSE_FILE)).catch(() => undefined);
  if (file?.isFile()) files.set(COMPOSE_FILE, await readFile(join(folder, COMPOSE_FILE), "utf8"));
  return files;
}

async function readFilesBelow(folder: string, name: string): Promise<Map<string, string>> {
  const root = join(folder, name);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, string>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path).split(sep).join("/"), await readFile(path, "utf8"));
  }
  return files;
}

const OVERLAY = new RegExp(`^${MANIFESTS_FOLDER}/stable/([^/]+)/kustomization\\.yaml$`);

/** What stable runs, from its overlays: promotion bumps it there. An overlay that cannot be read has no tag. */
export function tagsOf(files: ReadonlyMap<string, string>): StableTags {
  const tags = new Map<string, string>();
  for (const [path, text] of files) {
    const service = OVERLAY.exec(path)?.[1];
    const tag = service === undefined ? undefined : tagIn(text, service);
    if (service !== undefined && tag !== undefined) tags.set(service, tag);
  }
  return tags;
}

interface Overlay {
  readonly images?: readonly { readonly name?: unknown; readonly newTag?: unknown }[];
}

function tagIn(text: string, service: string): string | undefined {
  const overlay = readYaml(text) as Overlay | null;
  const images = Array.isArray(overlay?.images) ? overlay.images : [];
  const tag = images.find((image) => image?.name === service)?.newTag;
  return typeof tag === "string" || typeof tag === "number" ? String(tag) : undefined;
}

function readYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

/**
 * Makes the folder as decided; nothing is written unless all of it can be.
 * @throws PerchError USAGE where a symbolic link is on the way: what is behind it is nobody's to overwrite, in or out of the folder
 */
export async function applyChanges(folder: string, changes: readonly ManifestChange[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const root = await realpath(folder);
  for (const { path } of changes) await refuseLinks(root, path);
  for (const change of changes) {
    const path = join(root, change.path);
    if (change.kind === "removed") await removeFile(root, path);
    else {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, change.after);
    }
  }
}

async function refuseLinks(root: string, path: string): Promise<void> {
  let place = root;
  for (const segment of path.split("/")) {
    place = join(place, segment);
    const found = await lstat(place).catch(() => undefined);
    if (found === undefined) return;
    if (found.isSymbolicLink()) throw isLink(relative(root, place));
  }
}

/** The file, and the folders that it leaves empty. */
async function removeFile(root: string, path: string): Promise<void> {
  await rm(path);
  for (let folder = dirname(path); folder !== root; folder = dirname(folder)) {
    if ((await readdir(folder)).length > 0) return;
    await rmdir(folder);
  }
}

function isLink(path: string): PerchError {
  return new PerchError({
    code: "USAGE",
    message: `${path} is a symbolic link, and perch would write there.`,
    hint: "Nothing was written. Replace it by what it leads to, or move it away.",
    fault: "user",
  });
}
