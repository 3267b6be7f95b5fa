import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PerchError } from "@perch/core";
import { identifyProcess, isAlive, type ProcessIdentity } from "./process-identity.ts";

/** What a running engine writes about itself, so that commands find it. */
export interface EngineRecord extends ProcessIdentity {
  /** Base URL of its status API, `http://127.0.0.1:8090`; absent while it starts. */
  readonly statusUrl?: string;
}

const fileIn = (stateDir: string) => join(stateDir, "engine.json");

/** The engine that runs on a state folder; `undefined` when there is none, also when one crashed. */
export async function readEngineRecord(stateDir: string): Promise<EngineRecord | undefined> {
  const text = await readFile(fileIn(stateDir), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const record = parseRecord(text);
  return record !== undefined && (await isAlive(record)) ? record : undefined;
}

/** A state folder that this process holds. */
export interface StateLock {
  /** Tells commands where the status API is. */
  announce(statusUrl: string): Promise<void>;
  release(): Promise<void>;
}

/**
 * Claims a state folder for this process.
 * @throws PerchError ENGINE_RUNNING when another engine holds it.
 */
export async function lockStateDir(stateDir: string): Promise<StateLock> {
  const path = fileIn(stateDir);
  const holder = await readEngineRecord(stateDir);
  if (holder !== undefined) throw alreadyRunning(stateDir, holder);
  await rm(path, { force: true });
  const self = await identifyProcess(process.pid);
  const record: EngineRecord = { pid: process.pid, startTime: self?.startTime ?? "" };
  try {
    // wx: of two engines that found no holder at the same moment, one fails here.
    await writeFile(path, JSON.stringify(record), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw alreadyRunning(stateDir, await readEngineRecord(stateDir));
  }
  return {
    announce: async (statusUrl) => {
      // Renamed into place, so that no reader sees half of it.
      await writeFile(`${path}.new`, JSON.stringify({ ...record, statusUrl } satisfies EngineRecord));
      await rename(`${path}.new`, path);
    },
    release: () => rm(path, { force: true }),
  };
}

function alreadyRunning(stateDir: string, holder: EngineRecord | undefined): PerchError {
  const who = holder === undefined ? "Another engine" : `Process ${holder.pid}`;
  return new PerchError({
    code: "ENGINE_RUNNING",
    message: `${who} already runs on the state folder ${stateDir}.`,
    hint: "Look at it with `perch status`, end it with `perch down`, or name another folder with --state-dir.",
    fault: "user",
  });
}

function parseRecord(text: string): EngineRecord | undefined {
  try {
    const value = JSON.parse(text) as Partial<EngineRecord>;
    const complete = typeof value.pid === "number" && typeof value.startTime === "string";
    return complete ? (value as EngineRecord) : undefined;
  } catch {
    return undefined;
  }
}
