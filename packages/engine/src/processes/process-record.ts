import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { identifyProcess, isAlive, type ProcessIdentity } from "../state/process-identity.ts";
import { removeFolder } from "../state/state-dir.ts";
import { endGroup } from "./process-group.ts";

const FILE = "process.json";

/** Writes down which process belongs to a folder, so that the next engine finds it after a crash of this one. */
export async function recordProcess(folder: string, pid: number): Promise<void> {
  const identity = await identifyProcess(pid);
  if (identity !== undefined) await writeFile(join(folder, FILE), `${JSON.stringify(identity)}\n`);
}

/**
 * Ends what an engine that crashed left running, and removes its folders. Only a process with the recorded start time is
 * ended: the number alone may have been given to somebody else since.
 */
export async function sweep(instancesFolder: string): Promise<number> {
  const names = await readdir(instancesFolder);
  const ended = await Promise.all(names.map((name) => sweepFolder(join(instancesFolder, name))));
  return ended.filter(Boolean).length;
}

async function sweepFolder(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, FILE), "utf8").catch(() => undefined);
  const identity = text === undefined ? undefined : parse(text);
  const wasRunning = identity !== undefined && (await isAlive(identity));
  if (wasRunning) await endGroup(identity.pid, 2_000);
  await removeFolder(folder);
  return wasRunning;
}

function parse(text: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(text) as Partial<ProcessIdentity>;
    return typeof value.pid === "number" && typeof value.startTime === "string"
      ? (value as ProcessIdentity)
      : undefined;
  } catch {
    return undefined;
  }
}
