import { open } from "node:fs/promises";
import { PassThrough, type Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { PerchError, type Variant } from "@perch/core";
import { tailLog } from "../processes/log.ts";

/** Finds the log of what serves, or is on its way to serve, a variant. */
export interface LogReader {
  /** Path of the log now; `undefined` when the variant has no instance. */
  pathOf(variant: Variant): string | undefined;
  /** For the error message. */
  known(): string[];
}

export interface LogQuery {
  readonly service?: string;
  readonly pr?: string;
  readonly lines?: string;
  readonly follow?: string;
}

/** Milliseconds between two looks at a followed log. */
const FOLLOW_INTERVAL = 200;
const DEFAULT_LINES = 100;
/** Bytes read at once. */
const CHUNK = 64 * 1024;

/**
 * A variant's log as text: its last lines and, with `follow`, what is added, over rolls and restarts too.
 * @throws PerchError UNKNOWN_SERVICE, USAGE
 */
export async function logStream(query: LogQuery, logs: LogReader): Promise<Readable> {
  const variant = variantOf(query);
  const path = logs.pathOf(variant);
  if (path === undefined) throw unknownVariant(variant, logs);
  const stream = new PassThrough();
  const tail = await tailLog(path, Number(query.lines ?? DEFAULT_LINES));
  const text = tail.lines.map((line) => `${line}\n`).join("");
  if (query.follow === undefined) stream.end(text);
  else {
    // The rest of a line that is only half there follows.
    stream.write(tail.isWhole ? text : text.slice(0, -1));
    const start = { file: path, offset: tail.end };
    follow(start, stream, () => logs.pathOf(variant)).catch((error: Error) => stream.destroy(error));
  }
  return stream;
}

function variantOf({ service, pr, lines }: LogQuery): Variant {
  if (
    service === undefined ||
    (pr !== undefined && !/^\d{1,10}$/.test(pr)) ||
    !/^\d{0,6}$/.test(lines ?? "")
  ) {
    throw new PerchError({
      code: "USAGE",
      message:
        "Logs are asked for by ?service=<name>, with &pr=<number>, &lines=<number> and &follow where wanted.",
      hint: "For example /api/logs?service=api&pr=7&lines=50&follow",
      fault: "user",
    });
  }
  return pr === undefined ? { service } : { service, pr: Number(pr) };
}

function unknownVariant({ service, pr }: Variant, logs: LogReader): PerchError {
  const what = pr === undefined ? service : `${service} of PR ${pr}`;
  return new PerchError({
    code: "UNKNOWN_SERVICE",
    message: `There is no log of ${what}: nothing of that name runs here.`,
    hint: `What runs: ${logs.known().join(", ") || "nothing yet"}.`,
    fault: "user",
  });
}

/** Polls: a log may be on any file system, and a roll moves on to another file. */
async function follow(
  start: { readonly file: string; readonly offset: number },
  stream: PassThrough,
  current: () => string | undefined,
): Promise<void> {
  let { file, offset } = start;
  while (!stream.destroyed) {
    const next = current() ?? file;
    const end = await copyFrom(file, offset, stream);
    const mayHaveMore = end - offset === CHUNK || stream.writableNeedDrain;
    offset = end;
    // What it said last comes before what the next one says.
    if (next !== file && !mayHaveMore) [file, offset] = [next, 0];
    else if (!mayHaveMore || stream.writableNeedDrain) await sleep(FOLLOW_INTERVAL);
  }
}

async function copyFrom(path: string, offset: number, stream: PassThrough): Promise<number> {
  // A reader that does not keep up gets the rest when it does: nothing piles up for it.
  if (stream.writableNeedDrain) return offset;
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return offset;
  try {
    // It was cut because it had become too long.
    const { size } = await file.stat();
    const from = size < offset ? 0 : offset;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, from);
    if (bytesRead > 0 && !stream.destroyed) stream.write(buffer.subarray(0, bytesRead));
    return from + bytesRead;
  } finally {
    await file.close();
  }
}
