import { setTimeout as sleep } from "node:timers/promises";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Logger } from "@shop/common";
import type { Config } from "./config.ts";
import { ensureTable } from "./dynamodb/table.ts";
import type { Repository } from "./items/repository.ts";
import { seed } from "./items/seed.ts";

/** Milliseconds between tries: short at first, since a database that starts beside the store is there soon. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

/** Work on the table that goes on beside the server. */
export interface TablePreparation {
  /** True from then on; false when it was stopped before the table was there. Never rejects. */
  readonly ready: Promise<boolean>;
  isReady(): boolean;
  stop(): void;
}

/**
 * Makes sure that there is a table, with samples in it if it is new and `seed` is set. A database that is not there yet,
 * or refuses, is tried again and again: each failure is a log line, and health tells the rest.
 */
export function prepareTable(
  db: DynamoDBDocumentClient,
  items: Repository,
  config: Pick<Config, "table" | "seed">,
  log: Logger,
): TablePreparation {
  const stopping = new AbortController();
  let isReady = false;
  const ready = untilPrepared(db, items, config, log, stopping.signal).then(
    () => {
      isReady = true;
      return true;
    },
    () => false,
  );
  return { ready, isReady: () => isReady, stop: () => stopping.abort() };
}

/** Rejects only when the signal aborts. */
async function untilPrepared(
  db: DynamoDBDocumentClient,
  items: Repository,
  { table, seed: wantsSeed }: Pick<Config, "table" | "seed">,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  let created = false;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      created = (await ensureTable(db, table, signal)).created || created;
      if (created && wantsSeed) await seed(items, signal);
      log.info({ table, created }, "table is ready");
      return;
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error, table, retryInMs: pause }, "the database cannot be used yet");
      await sleep(pause, undefined, { signal });
    }
  }
}
