import { mkdir, rm, writeFile } from "node:fs/promises";
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
export async function openStateDir(root: string): Promise<StateDir> {
  const dir: StateDir = {
    root,
    git: join(root, "git"),
    instances: join(root, "instances"),
    dependencies: join(root, "dependencies"),
    database: join(root, "database"),
  };
  try {
    for (const folder of Object.values(dir)) await mkdir(folder, { recursive: true });
    await writeFile(join(root, ".gitignore"), "*\n");
  } catch (cause) {
    throw new PerchError(
      {
        code: "STATE_DIR_UNUSABLE",
        message: `The state folder ${root} cannot be written: ${(cause as Error).message}.`,
        hint: "Name another with --state-dir or PERCH_STATE_DIR, or mend its permissions.",
        fault: "environment",
      },
      { cause },
    );
  }
  return dir;
}

/** Removes a folder and all in it; nothing happens if it is not there. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
