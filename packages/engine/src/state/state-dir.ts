import { mkdir, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PerchError } from "@perch/core";

/** Every folder that the engine writes to; nothing is written elsewhere. */
export interface StateDir {
  readonly root: string;
  /** Bare mirrors, one per repository. */
  readonly git: string;
  /** One folder per instance: worktree, log, process record. */
  readonly instances: string;
  /** Installed dependencies by lock file. */
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
  const scopes = await readdir(dependencies);
  for (const folder of [root, ...scopes.map((scope) => join(dependencies, scope))]) {
    const names = await readdir(folder);
    await Promise.all(names.filter(isPartial).map((name) => removeFolder(join(folder, name))));
  }
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

/** Removes a folder and all in it; nothing happens if it is not there. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
