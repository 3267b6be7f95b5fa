import { statfs } from "node:fs/promises";
import { diskProblem, type PerchErrorData } from "@perch/core";
import type { StateDir } from "./state-dir.ts";

/** Notices a disk that gets full before it is. */
export interface DiskWatch {
  /** `undefined` while there is room. */
  problem(): PerchErrorData | undefined;
  close(): void;
}

/** Milliseconds between two looks; each is one system call. */
const INTERVAL = 2_000;

/** @param onChange called when the problem comes or goes. */
export async function watchDisk({ root }: StateDir, onChange: () => void): Promise<DiskWatch> {
  let problem: PerchErrorData | undefined;
  const look = async () => {
    const { bsize, blocks, bavail, files, ffree } = await statfs(root);
    const found = diskProblem(root, { free: bsize * bavail, total: bsize * blocks, files, filesFree: ffree });
    const isNews = (found === undefined) !== (problem === undefined);
    problem = found;
    if (isNews) onChange();
  };
  await look();
  const timer = setInterval(() => {
    // A state folder that is gone shows elsewhere, as an error of whatever needs it.
    look().catch(() => undefined);
  }, INTERVAL);
  timer.unref();
  return { problem: () => problem, close: () => clearInterval(timer) };
}
