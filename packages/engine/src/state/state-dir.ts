import { chmod, lstat, mkdir, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
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

/** Removes folders as far as they can be. @returns the errors of the others, by path. */
export async function removeFolders(paths: readonly string[]): Promise<Map<string, unknown>> {
  const stuck = new Map<string, unknown>();
  await Promise.all(
    paths.map((path) => removeFolder(path).catch((error: unknown) => stuck.set(path, error))),
  );
  return stuck;
}

/** Removes a folder and all in it, also what is write-protected or nested too deep for a path; nothing happens if it is not there. */
export async function removeFolder(path: string): Promise<void> {
  await removeByPath(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENAMETOOLONG") throw error;
    await removeByDescriptor(path);
  });
}

async function removeByPath(path: string): Promise<void> {
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

/** The folders of a tree that their owner may not change. */
const PROTECTED = ["-type", "d", "!", "-perm", "-700"];

/**
 * Whoever makes folders by relative paths may nest them deeper than a path can be long (PATH_MAX, path_resolution(7)). Node goes by paths; the
 * system's own programs go from folder to folder.
 */
async function removeByDescriptor(path: string): Promise<void> {
  // Loaded only here: every command loads this file.
  const { execa } = await import("execa");
  // What stays protected shows as an error of `rm`. `find` refuses -execdir where PATH has a relative folder in it.
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  await execa("find", [path, ...PROTECTED, "-execdir", "chmod", "u+rwx", "{}", ";"], {
    stdio: "ignore",
    reject: false,
    env: { PATH: folders.join(delimiter) },
  });
  await execa("rm", ["-rf", "--", path], { stdin: "ignore", stdout: "ignore" });
}
