import { createHash } from "node:crypto";
import { access, lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { digestOf } from "../authors-file.ts";
import { runsOwnScripts } from "./own-scripts.ts";

/** Of the package managers that install into `node_modules`, in the order in which they are looked for. */
export const LOCK_FILES = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
];

const LARGEST_LOCK_FILE = 2 ** 26;
const LARGEST_OTHER = 2 ** 20;

/** Bytes over which a file is not compared by its content. The largest lock files have some millions. */
export function largest(name: string): number {
  return LOCK_FILES.includes(name) ? LARGEST_LOCK_FILE : LARGEST_OTHER;
}

/** What steers an install, beside the lock file. */
const STEERING = [
  "package.json",
  ".npmrc",
  ".yarnrc",
  ".yarnrc.yml",
  "pnpm-workspace.yaml",
  ".pnpmfile.cjs",
  "bunfig.toml",
];

/** What an install is asked for. */
export interface InstallRequest {
  /** Absolute path. */
  readonly worktree: string;
  /** What the worktree was made from. */
  readonly commit: string;
  /** Folder of the service in it. */
  readonly folder: string;
  readonly command: string;
}

/** Where to install, and what decides the result. */
export interface InstallSite {
  /** Relative to the worktree: the nearest folder at or above the service that has a lock file, else the service's own. */
  readonly folder: string;
  /** Same key, same dependencies; `undefined` without a lock file, when nothing may be assumed. */
  readonly key: string | undefined;
}

/** Finds where a service's dependencies are installed, and the key that two equal installs share. */
export async function installSite(request: InstallRequest): Promise<InstallSite> {
  const { worktree, folder: service } = request;
  for (let folder = service; ; folder = dirname(folder)) {
    const lock = await firstLockFile(join(worktree, folder));
    if (lock !== undefined) return { folder, key: await keyOf(request, folder, lock) };
    if (folder === ".") return { folder: service, key: undefined };
  }
}

async function firstLockFile(folder: string): Promise<string | undefined> {
  for (const name of LOCK_FILES) {
    const found = await access(join(folder, name)).then(
      () => true,
      () => false,
    );
    if (found) return name;
  }
  return undefined;
}

/**
 * Everything that an install reads: the command, the runtime, the lock file, and the files beside it that steer it. Scripts of
 * the repository's own, in any package of it, read what they like, and what is no file, or too large a one, is not compared: then it is
 * the commit.
 */
async function keyOf(request: InstallRequest, folder: string, lock: string): Promise<string> {
  const { worktree, commit, command } = request;
  const hash = createHash("sha256").update(
    JSON.stringify([command, process.version, process.platform, process.arch, folder]),
  );
  for (const name of [lock, ...STEERING]) {
    const content = (await contentOf(join(worktree, folder, name), largest(name))) ?? commit;
    hash.update(`\0${name}\0${content}`);
  }
  if (await runsOwnScripts(worktree)) hash.update(`\0${commit}`);
  return hash.digest("hex").slice(0, 32);
}

/** Something that is the same for the same content; empty where there is no file, `undefined` where it cannot be told. */
async function contentOf(path: string, most: number): Promise<string | undefined> {
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  return isThere ? digestOf(path, most) : "";
}
