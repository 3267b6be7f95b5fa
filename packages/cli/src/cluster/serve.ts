import type { ClusterStatus } from "@perch/core";
import { openDocumentApi } from "@perch/engine/status";

/** A status, and those that come after it. */
export interface Looks {
  readonly first: ClusterStatus;
  readonly next: AsyncIterable<ClusterStatus>;
  readonly port: number;
}

/**
 * Serves a cluster's status as an engine serves its own, on loopback, as long as new ones come.
 * @throws PerchError PORT_IN_USE
 */
export async function serveLooks({ first, next, port }: Looks, onOpen: (url: string) => void): Promise<void> {
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
  for await (const status of next) {
    current = status;
    for (const listener of listeners) listener();
  }
}
