import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { isOfInterest, MAX_DISCOVERY_FILE, type RepositoryFile, type Surroundings } from "@perch/core";

/** A repository as it lies on disk: what discovery looks at. */
export interface Repository {
  /** Absolute path. */
  readonly root: string;
  readonly files: readonly RepositoryFile[];
  /** How many files were not looked at, because there are too many. */
  readonly unread: number;
  readonly surroundings: Surroundings;
}

/** More than this many files that can say something are no services of one team. */
const MOST_FILES = 5_000;
/** Files that are open at once. */
const AT_ONCE = 64;
/** Bytes of a lock file that is long. */
const LOCK_HEAD = 4096;

/** Reads what discovery needs. @param folder the repository's root; absent: the root above here, or here where there is none. */
export async function readRepository(folder: string | undefined): Promise<Repository> {
  const root = folder === undefined ? await rootAbove(process.cwd()) : resolve(folder);
  const paths = (await pathsOf(root)).filter(isOfInterest).sort();
  return {
    root,
    files: await readAll(root, paths.slice(0, MOST_FILES)),
    unread: Math.max(0, paths.length - MOST_FILES),
    surroundings: { folderName: basename(root), origin: await git(root, "remote", "get-url", "origin") },
  };
}

async function rootAbove(folder: string): Promise<string> {
  return (await git(folder, "rev-parse", "--show-toplevel")) ?? folder;
}

/** What git knows or would take; without git, all but what tools put there. */
async function pathsOf(root: string): Promise<string[]> {
  const listed = await git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
  if (listed !== undefined) return listed.split("\0").filter((path) => path !== "");
  return walk(root, "");
}

async function walk(root: string, below: string): Promise<string[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = below + entry.name;
    if (entry.isFile()) return [path];
    return entry.isDirectory() && isOfInterest(`${path}/package.json`) ? walk(root, `${path}/`) : [];
  });
  return (await Promise.all(found)).flat();
}

async function readAll(root: string, paths: readonly string[]): Promise<RepositoryFile[]> {
  const files: RepositoryFile[] = [];
  for (let start = 0; start < paths.length; start += AT_ONCE) {
    const some = paths.slice(start, start + AT_ONCE);
    files.push(...(await Promise.all(some.map((path) => readOne(root, path)))).flat());
  }
  return files;
}

/** Nothing for a symbolic link, which may lead out of the repository, for what is too long, and for what is gone. */
async function readOne(root: string, path: string): Promise<RepositoryFile[]> {
  const file = join(root, path);
  const found = await lstat(file).catch(() => undefined);
  if (found?.isFile() !== true) return [];
  const text = await (found.size > MAX_DISCOVERY_FILE ? headOf(file) : readFile(file, "utf8")).catch(
    () => undefined,
  );
  return text === undefined ? [] : [{ path, text }];
}

/** Of a long file nothing, but of a lock file what tells whose it is. */
async function headOf(file: string): Promise<string> {
  if (!file.endsWith(".lock")) return "";
  let text = "";
  for await (const chunk of createReadStream(file, { encoding: "utf8", end: LOCK_HEAD })) text += chunk;
  return text;
}

/** What git prints; `undefined` where it cannot say. */
async function git(folder: string, ...args: readonly string[]): Promise<string | undefined> {
  const result = await promisify(execFile)("git", ["-C", folder, ...args], {
    maxBuffer: 256 * 1024 * 1024,
  }).catch(() => undefined);
  return result?.stdout.trimEnd() || undefined;
}
