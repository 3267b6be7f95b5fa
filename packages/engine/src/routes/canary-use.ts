import { type RouteTable, type Usage, type Variant, variantName } from "@perch/core";

/** Counts the use of canaries, and holds requests for what sleeps or is started again. Stable is not counted: it never sleeps. */
export interface CanaryUse {
  /** A request or stream begins; the caller calls the result once, when it is over. */
  begin(variant: Variant): () => void;
  /**
   * Wakes a canary that sleeps, or waits for what is started again. Resolves when it serves, or cannot, at the latest after so
   * many milliseconds; at once when too many wait already. An abort ends the waiting.
   */
  hold(variant: Variant, milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Milliseconds that a request waits at most. */
  readonly wakeTimeout: number;
}

export interface CanaryUseOptions {
  /** Milliseconds. */
  readonly idle: number;
  /** Canaries that may run at once; absent: any number. */
  readonly most?: number;
  /** Milliseconds. */
  readonly wakeTimeout: number;
  /** Somebody waits, or the last request of one is over. */
  readonly onChange: () => void;
}

/** What the engine has of it. */
export interface CanaryUseRecord extends CanaryUse {
  usage(): Usage;
  /** Told of every new table: lets those go who have nothing to wait for any more. */
  published(table: RouteTable): void;
}

/** Requests that wait for one variant at most: each holds a connection. */
const MOST_WAITING = 1_000;

export function trackCanaryUse(options: CanaryUseOptions): CanaryUseRecord {
  const lastUsed = new Map<string, number>();
  const underWay = new Map<string, number>();
  const waiting = new Map<string, { readonly variant: Variant; readonly waiters: Set<() => void> }>();

  function end(name: string): void {
    lastUsed.set(name, Date.now());
    const left = (underWay.get(name) ?? 0) - 1;
    if (left > 0) underWay.set(name, left);
    else {
      underWay.delete(name);
      options.onChange();
    }
  }

  return {
    wakeTimeout: options.wakeTimeout,
    begin: (variant) => {
      if (variant.pr === undefined) return () => undefined;
      const name = variantName(variant);
      underWay.set(name, (underWay.get(name) ?? 0) + 1);
      return () => end(name);
    },
    hold: (variant, milliseconds, signal) => {
      const name = variantName(variant);
      const entry = waiting.get(name) ?? { variant, waiters: new Set() };
      const { waiters } = entry;
      if (waiters.size >= MOST_WAITING || signal.aborted) return Promise.resolve();
      waiting.set(name, entry);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, milliseconds);
      waiters.add(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      options.onChange();
      return promise.finally(() => {
        clearTimeout(timer);
        waiters.delete(resolve);
        if (waiters.size === 0 && waiting.get(name) === entry) waiting.delete(name);
      });
    },
    usage: () => ({
      idle: options.idle,
      most: options.most ?? Number.POSITIVE_INFINITY,
      lastUsed,
      busy: new Set(underWay.keys()),
      awaited: new Set(waiting.keys()),
    }),
    published: (table) => {
      for (const { variant, waiters } of waiting.values()) {
        if (isHeld(table, variant)) continue;
        for (const resolve of waiters) resolve();
      }
      forgetClosed(table, lastUsed, underWay);
    },
  };
}

function isHeld(table: RouteTable, { service, pr }: Variant): boolean {
  const routes = table.services.get(service);
  const availability = pr === undefined ? routes?.stable : routes?.canaries.get(pr);
  return availability?.kind === "unready" && availability.holds === true;
}

/** What is closed is not remembered, so that years of pull requests take no room. */
function forgetClosed(
  table: RouteTable,
  lastUsed: Map<string, number>,
  underWay: ReadonlyMap<string, number>,
): void {
  if (lastUsed.size === 0) return;
  const open = new Set(
    [...table.services.values()].flatMap(({ service, canaries }) =>
      [...canaries.keys()].map((pr) => variantName({ service, pr })),
    ),
  );
  for (const name of lastUsed.keys()) if (!open.has(name) && !underWay.has(name)) lastUsed.delete(name);
}
