import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../state/process-identity.ts";
import { removeFolder } from "../state/state-dir.ts";
import { endLeftGroup } from "./left-group.ts";
import {
  type BuiltRecord,
  DATABASE_FOLDER,
  type ProcessRecord,
  readBuiltRecord,
  readProcessRecord,
} from "./process-record.ts";
import { endStrays, ownerOf } from "./strays.ts";

/** An instance that an earlier engine left behind and that this one goes on with. */
export interface Survivor {
  readonly id: string;
  readonly built: BuiltRecord;
  /** Present: it serves. Absent: it stands built, and no process of it runs. */
  readonly process?: Required<ProcessRecord>;
}

export interface Recovery {
  readonly survivors: readonly Survivor[];
  /** How many process groups and strays were ended. */
  readonly ended: number;
  /** What could not be removed, by the instance's id. It must not keep stable from running. */
  readonly stuck: ReadonlyMap<string, unknown>;
}

export interface RecoveryOptions {
  /** Whether this engine would build and run it in the same way. */
  readonly isCurrent: (built: BuiltRecord) => boolean;
  /** One probe of an address. */
  readonly isReady: (built: BuiltRecord, address: string) => Promise<boolean>;
}

/**
 * Looks at what an engine that crashed has left: keeps what can go on as it is, ends and removes all else.
 * @param instances the folder of all instances.
 */
export async function recover(instances: string, { isCurrent, isReady }: RecoveryOptions): Promise<Recovery> {
  const names = (await readdir(instances)).filter((name) => name !== DATABASE_FOLDER);
  let ended = 0;
  const stuck = new Map<string, unknown>();
  const found = await Promise.all(
    names.map(async (id): Promise<Survivor | undefined> => {
      const folder = join(instances, id);
      const left = await inspect(folder);
      const built = left.built !== undefined && isCurrent(left.built) ? left.built : undefined;
      if (built !== undefined && left.process !== undefined) {
        const { process } = left;
        const patience = PATIENCE[built.desired.variant.pr === undefined ? "stable" : "canary"];
        const isSo = () => isReady(built, process.address);
        const serves = !built.asleep && (await answers(process, isSo, patience));
        if (serves) return { id, built, process };
      }
      if (await endLeftGroup(folder)) ended += 1;
      if (built !== undefined) return { id, built };
      await endStrays(folder);
      await removeFolder(folder).catch((error: unknown) => stuck.set(id, error));
      return undefined;
    }),
  );
  const survivors = found.filter((survivor) => survivor !== undefined);
  const serving = new Set([
    join(instances, DATABASE_FOLDER),
    ...survivors.filter(({ process }) => process).map(({ id }) => join(instances, id)),
  ]);
  ended += await endStrays(instances, (owner) => serving.has(owner));
  return { survivors, ended, stuck };
}

/**
 * Milliseconds for what lives to answer, after its first probe, which meets this engine's own start and all others' probes. Nothing is
 * served before the last has answered, and a canary's author decides whether that one does.
 */
const PATIENCE = { stable: 5_000, canary: 500 };
const PAUSE = 100;

async function answers(
  process: ProcessRecord,
  isReady: () => Promise<boolean>,
  patience: number,
): Promise<boolean> {
  if (await isReady()) return true;
  const end = performance.now() + patience;
  while (performance.now() < end && (await isAlive(process))) {
    await sleep(PAUSE);
    if (await isReady()) return true;
  }
  return false;
}

interface Left {
  readonly built: BuiltRecord | undefined;
  readonly process: Required<ProcessRecord> | undefined;
}

async function inspect(folder: string): Promise<Left> {
  const [built, record] = await Promise.all([readBuiltRecord(folder), readProcessRecord(folder)]);
  const hasFiles = await access(join(folder, "worktree")).then(
    () => true,
    () => false,
  );
  const address = record?.address;
  const isOwn = record !== undefined && address !== undefined && (await isOurs(record, folder));
  return {
    built: hasFiles ? built : undefined,
    process: isOwn ? { ...record, address } : undefined,
  };
}

/** Number, start time and, where the system shows it, what it was started for. */
async function isOurs(record: ProcessRecord, folder: string): Promise<boolean> {
  if (!(await isAlive(record))) return false;
  return process.platform !== "linux" || (await ownerOf(record.pid))?.owner === folder;
}
