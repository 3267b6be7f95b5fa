/** One answer of a target to a request of a tab. */
export interface Served {
  readonly url: string;
  /** As in `webRequest`: `main_frame`, `xmlhttprequest`, … */
  readonly type: string;
  readonly method: string;
  readonly status: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The selector that the request was given; empty: none. */
  readonly meant: string;
  /** The value of `X-Canary-Trail`, as it came. */
  readonly trail?: string;
  /** The browser answered by itself: the trail is that of an earlier answer. */
  readonly isCached: boolean;
}

/** What a tab's page and its requests were served by, oldest first. */
export interface PageRecord {
  readonly served: readonly Served[];
  /** How many older ones were left out. */
  readonly left: number;
}

export const EMPTY: PageRecord = { served: [], left: 0 };

const MOST = 100;

/** The record with one answer more. A new page begins a new one. */
export function withServed(record: PageRecord, one: Served): PageRecord {
  if (one.type === "main_frame") return { served: [one], left: 0 };
  const served = [...record.served, one];
  const over = Math.max(0, served.length - MOST);
  return { served: served.slice(over), left: record.left + over };
}

/** Reads what the browser's session keeps. */
export function readRecord(stored: unknown): PageRecord {
  if (typeof stored !== "object" || stored === null || !("served" in stored)) return EMPTY;
  const { served, left } = stored as { served: unknown; left?: unknown };
  if (!Array.isArray(served)) return EMPTY;
  return { served: served.filter(isServed).slice(-MOST), left: typeof left === "number" ? left : 0 };
}

function isServed(value: unknown): value is Served {
  if (typeof value !== "object" || value === null) return false;
  const { url, type, method, status, at, meant, trail } = value as Partial<Served>;
  const texts = [url, type, method, meant, trail ?? ""];
  return (
    texts.every((text) => typeof text === "string") && typeof status === "number" && typeof at === "number"
  );
}
