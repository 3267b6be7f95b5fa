import { createReadStream, createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";

/** The log of one instance: what its install, build and process print, and what perch did in between. */
export interface InstanceLog {
  readonly path: string;
  /** Given to children as their standard output and error: they write on even if the engine dies. */
  readonly fd: number;
  /** A line of perch's own; lost if it cannot be written, as on a full disk. */
  note(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Bytes over which a log begins anew: what a pull request prints must not fill the disk. The part before is kept, once. */
const LOG_LIMIT = 16 * 1024 * 1024;
/** Milliseconds between two looks at its size. */
const LOG_CHECK = 2_000;

/**
 * Opens a log for appending. One that has become too long begins anew: who appends to it, children too, goes on behind its
 * new end.
 * @param limit bytes.
 */
export async function openLog(path: string, limit = LOG_LIMIT, every = LOG_CHECK): Promise<InstanceLog> {
  const file = await open(path, "a");
  const note = async (text: string) => {
    await file.write(`[perch] ${text}\n`).catch(() => undefined);
  };
  const cut = async () => {
    const { size } = await file.stat();
    if (size <= limit) return;
    // Children keep their descriptor: the file itself has to stay. Where there is no room for a copy, there is none.
    const kept = await copyEnd(path, `${path}.1`, size, limit).then(
      () => `; the end of what was before is in ${basename(path)}.1`,
      () => "",
    );
    await file.truncate(0);
    await note(`cut: it was over ${limit} bytes long${kept}`);
  };
  let cutting: Promise<void> | undefined;
  const timer = setInterval(() => {
    // One at a time. A disk that refuses this refuses the next write too: whoever writes says so.
    cutting ??= cut()
      .catch(() => undefined)
      .finally(() => {
        cutting = undefined;
      });
  }, every);
  timer.unref();
  return {
    path,
    fd: file.fd,
    note,
    close: async () => {
      clearInterval(timer);
      await cutting;
      await file.close();
    },
  };
}

/**
 * Copies the last bytes of a file that had so many: what is written meanwhile may come faster than it is copied, without an end. By
 * streams, which end where the file does: `fs.copyFile` turns for ever in a thread when a child, which has the file as its output,
 * truncates it meanwhile.
 */
function copyEnd(from: string, to: string, size: number, most: number): Promise<void> {
  return pipeline(
    createReadStream(from, { start: Math.max(0, size - most), end: size - 1 }),
    createWriteStream(to),
  );
}

/** Bytes read from the end of a log to find its last lines. */
const TAIL_BYTES = 64 * 1024;

/** The end of a log. */
export interface LogTail {
  /** Oldest first; empty when there is no such file. */
  readonly lines: readonly string[];
  /** Bytes from its beginning that were there when it was read. */
  readonly end: number;
  /** Whether the last line has come to its end. */
  readonly isWhole: boolean;
}

/** The last lines of a log. */
export async function tailLog(path: string, lines: number): Promise<LogTail> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return { lines: [], end: 0, isWhole: true };
  try {
    const { text, end } = await readEnd(file);
    return { lines: lastLines(text, lines), end, isWhole: text === "" || text.endsWith("\n") };
  } finally {
    await file.close();
  }
}

async function readEnd(file: FileHandle): Promise<{ text: string; end: number }> {
  const { size } = await file.stat();
  const length = Math.min(size, TAIL_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return { text: buffer.toString("utf8", 0, bytesRead), end: size - length + bytesRead };
}

function lastLines(text: string, lines: number): string[] {
  const all = text.split("\n");
  if (all.at(-1) === "") all.pop();
  return lines === 0 ? [] : all.slice(-lines);
}
