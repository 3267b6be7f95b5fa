import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterStatus, PerchError } from "@perch/core";
import { openDocumentApi } from "@perch/engine/status";

/** A status, and how to look again. */
export interface Looks {
  readonly first: ClusterStatus;
  look(): Promise<ClusterStatus>;
  /** Milliseconds between two looks. */
  readonly interval: number;
  readonly port: number;
}

/**
 * Serves a cluster's status as an engine serves its own, on loopback, and looks again and again until the process ends.
 * @throws PerchError PORT_IN_USE
 */
export async function serveLooks(
  { first, look, interval, port }: Looks,
  onOpen: (url: string) => void,
): Promise<never> {
  let current = first;
  const listeners = new Set<() => void>();
  const feed = {
    status: () => current,
    onStatus: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const { url } = await openDocumentApi(feed, {
    port,
    flag: "--serve",
    missing: "This is the status of a cluster: only an engine on its own machine has that.",
  });
  onOpen(url);
  for (;;) {
    await sleep(interval);
    current = await look().catch((error: unknown) => unreachable(current, error));
    for (const listener of listeners) listener();
  }
}

/** What was seen last, and that it is no longer known to be so. */
function unreachable(last: ClusterStatus, error: unknown): ClusterStatus {
  if (!(error instanceof PerchError)) throw error;
  const { code, message, hint, fault } = error;
  const others = last.problems.filter((problem) => problem.code !== code);
  return { ...last, problems: [{ code, message, hint, fault }, ...others] };
}
