import { chown } from "node:fs/promises";

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

/** Does something with the rights of a plain user: for root nothing is write-protected. */
export async function asSomebody(work: () => Promise<void>): Promise<void> {
  if (!isRoot) return work();
  process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** Makes a file or a folder that plain user's. */
export async function giveToSomebody(path: string): Promise<void> {
  if (isRoot) await chown(path, NOBODY, NOBODY);
}
