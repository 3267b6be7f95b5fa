import { PerchError, type PerchErrorData, type RepositoryObservation, type SourceStatus } from "@perch/core";
import type { Logger } from "pino";
import type { Remembered } from "./remembered.ts";
import type { PullRequestSource } from "./source.ts";

/** Looks at every source again and again, each at its own pace, so that a slow one holds up nothing else. */
export interface Observer {
  /** The last known answer of each source that ever answered. */
  observations(): RepositoryObservation[];
  sources(): SourceStatus[];
  /** Looks at all sources now, without waiting for the interval. */
  poke(): void;
  close(): Promise<void>;
}

/** Milliseconds after which a look that still goes on is told of, again and again. */
const SLOW = 30_000;

interface Watched {
  readonly source: PullRequestSource;
  last?: RepositoryObservation;
  lastSeen?: number;
  error?: PerchErrorData;
}

export interface ObserverOptions {
  readonly sources: readonly PullRequestSource[];
  /** Milliseconds between two looks at one source. */
  readonly interval: number;
  readonly logger: Logger;
  /** What an earlier engine saw last. */
  readonly remembered: Remembered;
  /** After each look, also one that failed. */
  readonly onChange: () => void;
}

export function startObserver(options: ObserverOptions): Observer {
  const closing = new AbortController();
  const watched: Watched[] = options.sources.map((source) => {
    const last = options.remembered.observations.find(({ repo }) => repo === source.repo);
    return last === undefined ? { source } : { source, last };
  });
  const observations = () => watched.flatMap(({ last }) => (last === undefined ? [] : [last]));
  let wake = Promise.withResolvers<void>();
  const poke = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  const loops = watched.map(async (item) => {
    await item.source.watch?.(poke, closing.signal);
    while (!closing.signal.aborted) {
      const woken = wake.promise;
      await look(item, options, closing.signal);
      void options.remembered.keep(observations());
      await pause(options.interval, woken);
    }
  });
  return {
    observations,
    sources: () => watched.map(sourceStatus),
    poke,
    close: async () => {
      closing.abort();
      poke();
      await Promise.all(loops);
      await options.remembered.keep(observations());
    },
  };
}

async function look(item: Watched, options: ObserverOptions, signal: AbortSignal): Promise<void> {
  const { repo } = item.source;
  const began = performance.now();
  const slow = setInterval(() => {
    const seconds = Math.round((performance.now() - began) / 1000);
    options.logger.info(
      { repo, seconds },
      "still looking: the first copy of a large repository takes minutes",
    );
  }, SLOW);
  const before = item.error;
  const fail = (error: PerchErrorData) => {
    item.error = error;
    if (before?.message !== error.message) options.logger.warn({ repo, code: error.code }, error.message);
  };
  try {
    item.last = await item.source.observe(signal, item.last);
    item.lastSeen = Date.now();
    delete item.error;
    const problem = item.source.problem?.();
    if (problem !== undefined) fail(problem);
    else if (before !== undefined) options.logger.info({ repo }, "the source answers again");
  } catch (error) {
    if (signal.aborted) return;
    // What was last seen stays, also from before a restart: an outage of the source never closes a canary.
    fail(toData(error));
  } finally {
    clearInterval(slow);
  }
  options.onChange();
}

function toData(error: unknown): PerchErrorData {
  if (error instanceof PerchError) {
    const { code, message, hint, fault } = error;
    return { code, message, hint, fault };
  }
  return {
    code: "INTERNAL",
    message: `perch itself failed: ${error instanceof Error ? error.message : String(error)}`,
    hint: "Please report it, with the engine's log. What was last seen stays in force.",
    fault: "perch",
  };
}

function sourceStatus({ source, lastSeen, error }: Watched): SourceStatus {
  return {
    repo: source.repo,
    remote: source.remote,
    ...(lastSeen === undefined ? {} : { lastSeen }),
    ...(error === undefined ? {} : { error }),
    ...(source.api === undefined ? {} : { api: source.api() }),
  };
}

/** Waits for the interval, or until woken. */
async function pause(milliseconds: number, woken: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([elapsed, woken]);
  clearTimeout(timer);
}
