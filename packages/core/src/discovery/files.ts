import type { RepositoryFile } from "./types.ts";

/** A file longer than this says nothing about services that a shorter one does not. Characters. */
export const MAX_DISCOVERY_FILE = 128 * 1024;

const NAMES = new Set([
  "package.json",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "yarn.lock",
  "bun.lock",
  "go.mod",
  "pyproject.toml",
  "requirements.txt",
]);
const COMPOSE = /^(?:docker-)?compose\.ya?ml$/;
const DOCKERFILE = /^(?:Dockerfile(?:\.[\w-]+)?|[\w-]+\.Dockerfile)$/;
const ENTRY = /^(?:main|index|server|app|manage|wsgi|asgi|start)\.(?:[cm]?[jt]s|py)$/;
/** Of others, of tests, or made from sources. */
const NOT_OURS =
  /(?:^|\/)(?:node_modules|vendor|dist|build|out|target|coverage|testdata|e2e|fixtures?|__pycache__|\.[^/]+|venv|tests?|examples?)\//;

/** Whether the file of that path can say something about services. */
export function isOfInterest(path: string): boolean {
  if (NOT_OURS.test(path)) return false;
  const name = baseName(path);
  return (
    NAMES.has(name) ||
    COMPOSE.test(name) ||
    DOCKERFILE.test(name) ||
    ENTRY.test(name) ||
    /\.(?:proto|ya?ml)$/.test(name) ||
    (name.endsWith(".go") && !name.endsWith("_test.go"))
  );
}

export const isComposeFile = (path: string) => COMPOSE.test(baseName(path));
export const isDockerfile = (path: string) => DOCKERFILE.test(baseName(path));
export const isEntryFile = (path: string) => ENTRY.test(baseName(path));

/** The files of a repository, by path and by folder. */
export class FileSet {
  readonly #byPath: ReadonlyMap<string, RepositoryFile>;

  constructor(files: readonly RepositoryFile[]) {
    const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    this.#byPath = new Map(sorted.map((file) => [file.path, file]));
  }

  all(): readonly RepositoryFile[] {
    return [...this.#byPath.values()];
  }

  named(name: string): readonly RepositoryFile[] {
    return this.all().filter(({ path }) => baseName(path) === name);
  }

  at(folder: string, name: string): RepositoryFile | undefined {
    return this.#byPath.get(inFolder(folder, name));
  }

  below(folder: string): readonly RepositoryFile[] {
    return folder === "." ? this.all() : this.all().filter(({ path }) => path.startsWith(`${folder}/`));
  }
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folder of a path, `.` for the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, slash);
}

export function inFolder(folder: string, path: string): string {
  return folder === "." ? path : `${folder}/${path}`;
}

/** The folder itself and those above it, up to the root. */
export function foldersUpwards(folder: string): string[] {
  return folder === "." ? ["."] : [folder, ...foldersUpwards(folderOf(folder))];
}

/** `./web/`, from `deploy` → `deploy/web`; `undefined` for what is not in the repository. */
export function resolveFolder(from: string, relative: string): string | undefined {
  if (relative.startsWith("/") || /^[a-z+]+:/.test(relative)) return undefined;
  const segments = from === "." ? [] : from.split("/");
  for (const segment of relative.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.length === 0 ? "." : segments.join("/");
}
