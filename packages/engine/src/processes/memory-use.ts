import { readFile } from "node:fs/promises";
import { lookAt, unlessExhausted } from "./process-table.ts";

/** Bytes. Pages of programs and libraries are nobody's own, and not counted. */
interface Memory {
  readonly pid: number;
  readonly own: number;
  /** In shared memory, which others may have mapped too. */
  readonly shared: number;
}

/**
 * Bytes of these processes together, as proc(5) shows them. Shared memory that several have mapped counts once; to find that out the
 * kernel walks all that they have mapped, so it is asked only where it decides.
 * @param quota bytes; below it the answer may be too high, as what is shared counts for each.
 */
export async function memoryOf(pids: readonly number[], quota: number): Promise<number> {
  const sizes = await lookAt(pids, sizeOf);
  const most = sizes.reduce((sum, { own, shared }) => sum + own + shared, 0);
  if (most <= quota) return most;
  const shares = await lookAt(sizes, async ({ pid, own, shared }) =>
    shared === 0 ? own : own + ((await shareOf(pid)) ?? shared),
  );
  return shares.reduce((sum, share) => sum + share, 0);
}

async function sizeOf(pid: number): Promise<Memory | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(unlessExhausted);
  if (status === undefined) return undefined;
  return { pid, own: bytes(status, "RssAnon") ?? 0, shared: bytes(status, "RssShmem") ?? 0 };
}

/** Its share of shared memory, by how many have each page mapped. `undefined`: not to be seen. */
async function shareOf(pid: number): Promise<number | undefined> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(unlessExhausted);
  return rollup === undefined ? undefined : bytes(rollup, "Pss_Shmem");
}

/** A field of a file of proc(5). */
function bytes(text: string, field: string): number | undefined {
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}
