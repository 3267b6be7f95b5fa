import { chmod, lstat, mkdir, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PerchError } from "@perch/core";

/** Every folder that the engine writes to; nothing is written elsewhere. */
export interface StateDir {
  readonly root: string;
  /** Bare mirrors, one per repository. */
  readonly git: string;
  /** One folder per instance: worktree, log, process record. */
  readonly instances: string;
  /** Installed dependencies by lock file, and caches of pull requests: a folder per scope. */
  readonly dependencies: string;
  /** Data of the embedded DynamoDB. */
  readonly database: string;
}

/**
 * Makes the state folder, ignored by git from the inside, so that a repository needs no change to its own ignore file.
 * @throws PerchError STATE_DIR_UNUSABLE
 */
export async function openStateDir(path: string): Promise<StateDir> {
  try {
    await mkdir(path, { recursive: true });
    // Processes are known by their folder's path, and it must be the same one however one comes here.
    const dir = stateDirAt(await realpath(path));
    for (const folder of Object.values(dir)) await mkdir(folder, { recursive: true });
    await writeFile(join(dir.root, ".gitignore"), "*\n");
    await removePartial(dir);
    return dir;
  } catch (cause) {
    throw new PerchError(
      {
        code: "STATE_DIR_UNUSABLE",
        message: `The state folder ${path} cannot be written: ${(cause as Error).message}.`,
        hint: "Name another with --state-dir or PERCH_STATE_DIR, or mend its permissions.",
        fault: "environment",
      },
      { cause },
    );
  }
}

/** Files of a state folder that a crash kept from being written to their end. */
export function isPartial(name: string): boolean {
  return name.endsWith(".partial");
}

async function removePartial({ root, dependencies }: StateDir): Promise<void> {
  for (const folder of [root, dependencies]) await removePartialIn(folder);
  for (const scope of await readdir(dependencies)) await removePartialIn(join(dependencies, scope));
}

async function removePartialIn(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter(isPartial);
  await Promise.all(names.map((name) => removeFolder(join(folder, name))));
}

/** The folders of a state folder, whether they are there or not. */
export function stateDirAt(root: string): StateDir {
  return {
    root,
    git: join(root, "git"),
    instances: join(root, "instances"),
    dependencies: join(root, "dependencies"),
    database: join(root, "database"),
  };
}

/** Removes a folder and all in it, also what is write-protected; nothing happens if it is not there. */
export async function removeFolder(path: string): Promise<void> {
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  await remove().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EACCES") throw error;
    // Go protects the modules that it downloads, and a pull request may protect anything.
    await makeWritable(path);
    await remove();
  });
}

/** Lets this user change every folder of a tree. Symbolic links are not followed. */
async function makeWritable(path: string): Promise<void> {
  const found = await lstat(path);
  if (!found.isDirectory()) return;
  await chmod(path, found.mode | 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(path, entry.name));
  }
}
