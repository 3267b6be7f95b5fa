import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runsOwnScripts } from "./own-scripts.ts";
import { readText } from "./read-text.ts";

/** Of the package managers that install into `node_modules`, in the order in which they are looked for. */
export const LOCK_FILES = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
];

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
 * the repository's own read what they like, and what is no file cannot be compared: then it is the commit.
 */
async function keyOf(request: InstallRequest, folder: string, lock: string): Promise<string> {
  const { worktree, folder: service, commit, command } = request;
  const hash = createHash("sha256").update(
    JSON.stringify([command, process.version, process.platform, process.arch, folder]),
  );
  const names = [lock, ...STEERING];
  const texts = await Promise.all(names.map((name) => readText(join(worktree, folder, name))));
  for (const [index, name] of names.entries()) {
    const text = texts[index] ?? commit;
    hash.update(`\0${name}\0${text.length}\0`).update(text);
  }
  const own = await readText(join(worktree, service, "package.json"));
  const manifests = [texts[names.indexOf("package.json")], own].map((text) => text ?? "");
  if (manifests.some(runsOwnScripts)) hash.update(commit);
  return hash.digest("hex").slice(0, 32);
}
