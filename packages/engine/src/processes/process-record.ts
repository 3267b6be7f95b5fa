import { join } from "node:path";
import type { DesiredVariant } from "@perch/core";
import { readJson, writeJson } from "../state/json-file.ts";
import { bootId, identifyProcess, type ProcessIdentity } from "../state/process-identity.ts";

/** The process group of a folder. */
export interface ProcessRecord extends ProcessIdentity {
  /** `host:port` where it listens; absent until it is ready. */
  readonly address?: string;
}

/** What stands built in a folder, so that it can be started again, or goes on serving, under the next engine. */
export interface BuiltRecord {
  readonly desired: DesiredVariant;
  /** Of everything that the build and the process were told. */
  readonly fingerprint: string;
  /** The boot that it was built in. */
  readonly boot: string;
  /** It was stopped because nobody used it. */
  readonly asleep: boolean;
}

/** The database's folder, beside those of instances. */
export const DATABASE_FOLDER = "dynamodb";

const PROCESS = "process.json";
const BUILT = "built.json";

/** Writes down which process belongs to a folder, so that the next engine finds it after a crash of this one. */
export async function recordProcess(folder: string, pid: number, address?: string): Promise<void> {
  const identity = await identifyProcess(pid);
  if (identity === undefined) return;
  const record: ProcessRecord = address === undefined ? identity : { ...identity, address };
  await writeJson(join(folder, PROCESS), record);
}

/** Writes down that a folder holds a whole build. */
export async function recordBuilt(folder: string, built: Omit<BuiltRecord, "boot">): Promise<void> {
  await writeJson(join(folder, BUILT), { ...built, boot: (await bootId()) ?? "" } satisfies BuiltRecord);
}

/** `undefined` when there is none that can be trusted. */
export async function readProcessRecord(folder: string): Promise<ProcessRecord | undefined> {
  const value = (await readJson(join(folder, PROCESS))) as Partial<ProcessRecord> | null | undefined;
  const whole = typeof value?.pid === "number" && typeof value.startTime === "string";
  return whole ? (value as ProcessRecord) : undefined;
}

/** `undefined` when there is none that can be trusted: what an earlier boot wrote may never have reached the disk. */
export async function readBuiltRecord(folder: string): Promise<BuiltRecord | undefined> {
  const value = (await readJson(join(folder, BUILT))) as Partial<BuiltRecord> | null | undefined;
  const whole =
    typeof value?.desired?.commit === "string" &&
    typeof value.desired.variant?.service === "string" &&
    typeof value.fingerprint === "string";
  return whole && value.boot === ((await bootId()) ?? "") ? (value as BuiltRecord) : undefined;
}
