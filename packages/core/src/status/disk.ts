import type { PerchErrorData } from "../errors.ts";

/** A file system, as statfs(2) tells it. Sizes in bytes. */
export interface DiskSpace {
  /** For those who are not root. */
  readonly free: number;
  readonly total: number;
  /** How many files it can hold; 0: as many as fit. */
  readonly files: number;
  readonly filesFree: number;
}

/** Bytes that must be free: a build may need as much at once. */
const ENOUGH = 2 ** 30;
/** On a small disk it is this part of it. */
const PART = 0.1;
/** Part of all files that must be free. */
const FILES_PART = 0.02;

/** Why no build may begin on a file system; `undefined` while there is room. */
export function diskProblem(path: string, space: DiskSpace): PerchErrorData | undefined {
  const { free, total, files, filesFree } = space;
  const isShort = free < Math.min(ENOUGH, total * PART);
  if (!isShort && (files === 0 || filesFree >= files * FILES_PART)) return undefined;
  const what = isShort ? `${Math.floor(free / 2 ** 20)} MiB are free` : `${filesFree} files are free`;
  return {
    code: "DISK_NEARLY_FULL",
    message: `The disk of ${path} is nearly full: ${what}. What runs goes on, and nothing new is built.`,
    hint: "Make room; building goes on by itself. `perch residue` lists what nobody needs there.",
    fault: "environment",
  };
}
