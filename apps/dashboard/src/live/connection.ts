import type { StatusDocument } from "@perch/core";

/** What is known, and whether it is what is now. */
export interface Live {
  readonly status?: StatusDocument;
  readonly link: "connecting" | "live" | "lost";
  /** Epoch milliseconds at which the link was lost. */
  readonly since?: number;
}

/** Milliseconds before the first and before every later try to connect again. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5_000;

/** The pause after so many failed tries in a row, milliseconds. */
export function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE * 2 ** Math.min(failures, 10), LONGEST_PAUSE);
}

/** Follows the status by server-sent events, and connects again whenever that ends. Returns how to stop. */
export function followStatus(url: string, onLive: (live: Live) => void): () => void {
  let live: Live = { link: "connecting" };
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const become = (next: Live) => {
    live = next;
    onLive(live);
  };
  const connect = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(url);
    source.addEventListener("status", ({ data }: MessageEvent<string>) => {
      failures = 0;
      become({ link: "live", status: JSON.parse(data) as StatusDocument });
    });
    // Its own way to connect again gives up for good on an answer that is no stream, as of a proxy.
    source.addEventListener("error", lost);
  };
  const lost = () => {
    source?.close();
    timer = setTimeout(connect, pauseAfter(failures));
    failures += 1;
    if (live.link !== "lost") become({ ...live, link: "lost", since: Date.now() });
  };
  const again = () => {
    if (live.link === "lost") connect();
  };
  addEventListener("online", again);
  connect();
  return () => {
    removeEventListener("online", again);
    clearTimeout(timer);
    source?.close();
  };
}
