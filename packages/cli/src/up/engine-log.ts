import { copyFile, mkdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import pino, { type Logger } from "pino";

/** Bytes over which a file of the engine's own begins anew; the part before is kept, once, as `<name>.1`. */
const LIMIT = 16 * 1024 * 1024;
/** Milliseconds between two looks. */
const INTERVAL = 60_000;

/**
 * The terminal shows the state; the engine's own log goes to a file, and what a detached engine prints to another. Both are
 * appended to, so that they can be cut while somebody writes.
 */
export async function openEngineLog(stateDir: string, level: string): Promise<Logger> {
  await mkdir(stateDir, { recursive: true });
  const path = join(stateDir, "engine.log");
  const timer = setInterval(() => {
    for (const file of [path, join(stateDir, "engine.out")]) {
      // A full disk is told by the status; a file that is not there needs no cut.
      rotate(file, LIMIT).catch(() => undefined);
    }
  }, INTERVAL);
  timer.unref();
  return pino({ level, base: null }, pino.destination({ dest: path, sync: true }));
}

/** Cuts a file that is longer than `limit` bytes. */
export async function rotate(path: string, limit: number): Promise<void> {
  if ((await stat(path)).size <= limit) return;
  await copyFile(path, `${path}.1`).catch(() => undefined);
  await truncate(path);
}
