import { randomUUID } from "node:crypto";
import { link, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PerchError } from "@perch/core";
import { identifyProcess, isAlive, type ProcessIdentity } from "./process-identity.ts";

/** What a running engine writes about itself, so that commands find it. */
export interface EngineRecord extends ProcessIdentity {
  /** Base URL of its status API, `http://127.0.0.1:8090`; absent while it starts. */
  readonly statusUrl?: string;
  /** Milliseconds that it may take to end all that it started; absent while it starts. */
  readonly stopTimeout?: number;
}

const FILE = "engine.json";
const fileIn = (stateDir: string) => join(stateDir, FILE);

/** The engine that runs on a state folder; `undefined` when there is none, also when one crashed. */
export async function readEngineRecord(stateDir: string): Promise<EngineRecord | undefined> {
  const record = await readRecord(fileIn(stateDir));
  return record !== undefined && (await isAlive(record)) ? record : undefined;
}

/** A state folder that this process holds. */
export interface StateLock {
  /** Tells commands where the status API is, and how long to wait for the engine's end. */
  announce(told: Required<Pick<EngineRecord, "statusUrl" | "stopTimeout">>): Promise<void>;
  release(): Promise<void>;
}

/** Milliseconds between two looks at a take-over by another process, and how many there are. */
const PAUSE = 20;
const ATTEMPTS = 250;

/**
 * Claims a state folder for this process. Of several that start at the same moment exactly one gets it: a record appears
 * whole, by `link`, which fails where there is one.
 * @throws PerchError ENGINE_RUNNING when another engine holds it.
 */
export async function lockStateDir(stateDir: string): Promise<StateLock> {
  const path = fileIn(stateDir);
  const own = `${path}.${randomUUID()}`;
  const self = await identifyProcess(process.pid);
  const record: EngineRecord = { pid: process.pid, startTime: self?.startTime ?? "" };
  try {
    await writeFile(own, JSON.stringify(record));
    for (let attempt = 1; !(await claim(own, path)); attempt += 1) {
      const holder = await readEngineRecord(stateDir);
      if (holder !== undefined || attempt >= ATTEMPTS) throw alreadyRunning(stateDir, holder);
      if (!(await discardStale(path, own))) await sleep(PAUSE);
    }
  } finally {
    await rm(own, { force: true });
  }
  return {
    announce: async (told) => {
      // Renamed into place, so that no reader sees half of it.
      await writeFile(own, JSON.stringify({ ...record, ...told } satisfies EngineRecord));
      await rename(own, path);
    },
    release: async () => {
      const holder = await readRecord(path);
      if (holder?.pid === record.pid && holder.startTime === record.startTime)
        await rm(path, { force: true });
    },
  };
}

async function claim(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Removes a dead engine's record, one process at a time: between a look at it and its removal nobody else can have put a
 * living one there. False while another process does it.
 */
async function discardStale(path: string, own: string): Promise<boolean> {
  const takeOver = `${path}.takeover`;
  if (!(await claim(own, takeOver))) {
    const taker = await readRecord(takeOver);
    if (taker !== undefined && !(await isAlive(taker))) await rm(takeOver, { force: true });
    return false;
  }
  try {
    const text = await readFile(path, "utf8").catch(() => undefined);
    // There is none any more, or only another's by the time of a removal.
    if (text === undefined) return true;
    const record = parseRecord(text);
    if (record === undefined || !(await isAlive(record))) await rm(path, { force: true });
    return true;
  } finally {
    await rm(takeOver, { force: true });
  }
}

/** Names of files with which processes claimed a state folder that were killed before they had removed them. */
export async function staleClaims(stateDir: string): Promise<string[]> {
  const names = (await readdir(stateDir).catch(() => [])).filter((name) => name.startsWith(`${FILE}.`));
  const stale = await Promise.all(names.map((name) => isStale(join(stateDir, name))));
  return names.filter((_, index) => stale[index]);
}

async function isStale(path: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return false;
  if (text === "") return isOld(path);
  const record = parseRecord(text);
  return record === undefined || !(await isAlive(record));
}

/** Milliseconds that a file may be empty for which is only being written; on a full disk it stays so. */
const WRITING = 60_000;

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > WRITING;
}

async function readRecord(path: string): Promise<EngineRecord | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : parseRecord(text);
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
