import { type FileHandle, open } from "node:fs/promises";

/** The log of one instance: what its install, build and process print, and what perch did in between. */
export interface InstanceLog {
  readonly path: string;
  /** Given to children as their standard output and error: they write on even if the engine dies. */
  readonly fd: number;
  /** A line of perch's own. */
  note(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a log for appending. */
export async function openLog(path: string): Promise<InstanceLog> {
  const file = await open(path, "a");
  return {
    path,
    fd: file.fd,
    note: async (text) => {
      await file.write(`[perch] ${text}\n`);
    },
    close: () => file.close(),
  };
}

/** Bytes read from the end of a log to find its last lines. */
const TAIL_BYTES = 64 * 1024;

/** The last lines of a log, oldest first; empty when there is no such file. */
export async function tailLog(path: string, lines: number): Promise<string[]> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return [];
  try {
    return lastLines(await readEnd(file), lines);
  } finally {
    await file.close();
  }
}

async function readEnd(file: FileHandle): Promise<string> {
  const { size } = await file.stat();
  const length = Math.min(size, TAIL_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString("utf8", 0, bytesRead);
}

function lastLines(text: string, lines: number): string[] {
  const all = text.split("\n");
  if (all.at(-1) === "") all.pop();
  return lines === 0 ? [] : all.slice(-lines);
}
