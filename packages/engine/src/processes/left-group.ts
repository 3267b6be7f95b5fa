import { identifyProcess } from "../state/process-identity.ts";
import { endGroup, groupExists } from "./process-group.ts";
import { readProcessRecord } from "./process-record.ts";
import { lookAt, processTable } from "./process-table.ts";
import { ownerOf } from "./strays.ts";

/** Milliseconds that a group which is not adopted has to end. */
const GRACE = 2_000;

/**
 * Ends the process group that an earlier engine recorded for a folder, if it is still that one. A leader that is dead keeps its number for as long as its group has members, but the number may
 * also have been given to somebody else's group since: then one of its members must say that it is ours.
 * @returns whether there was one.
 */
export async function endLeftGroup(folder: string): Promise<boolean> {
  const record = await readProcessRecord(folder);
  if (record === undefined || !groupExists(record.pid)) return false;
  const leader = await identifyProcess(record.pid);
  if (leader !== undefined && leader.startTime !== record.startTime) return false;
  const canTell = process.platform === "linux";
  if (leader === undefined && canTell && !(await hasMemberFor(folder, record.pid))) return false;
  await endGroup(record.pid, GRACE);
  return true;
}

/** A process outside of the group says nothing of it: it may bear another pull request's mark. */
async function hasMemberFor(folder: string, pgid: number): Promise<boolean> {
  const members = (await processTable()).filter(({ group }) => group === pgid).map(({ pid }) => pid);
  return (await lookAt(members, ownerOf)).some(({ owner }) => owner === folder);
}
