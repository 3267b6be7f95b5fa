import { createHash } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const LOCK_FILES = ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];

/** Where to install, and what decides the result. */
export interface InstallSite {
  /** Relative to the worktree: the nearest folder at or above the service that has a lock file, else the service's own. */
  readonly folder: string;
  /** Same key, same dependencies; `undefined` without a lock file, when nothing may be assumed. */
  readonly key: string | undefined;
}

/** Finds where a service's dependencies are installed, and the key that two equal installs share. */
export async function installSite(worktree: string, service: string, command: string): Promise<InstallSite> {
  for (let folder = service; ; folder = dirname(folder)) {
    const lock = await firstLockFile(join(worktree, folder));
    if (lock !== undefined) return { folder, key: await keyOf(worktree, folder, lock, command) };
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

/** Everything that an install reads: the command, the runtime, the lock file, and the files beside it that steer it. */
async function keyOf(worktree: string, folder: string, lock: string, command: string): Promise<string> {
  const hash = createHash("sha256").update(
    JSON.stringify([command, process.version, process.platform, process.arch, folder]),
  );
  const inputs = [join(folder, lock), join(folder, "package.json"), join(folder, ".npmrc")];
  for (const input of inputs) {
    const content = await readFile(join(worktree, input)).catch(() => "");
    hash.update(`\0${input}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 32);
}
