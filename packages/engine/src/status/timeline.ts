import {
  PerchError,
  type StatusDocument,
  type TimelineEntry,
  timelineEvents,
  variantName,
} from "@perch/core";
import { isPrNumber } from "@perch/header";
import type { FastifyInstance } from "fastify";
import type { StatusFeed } from "./document-server.ts";

/** Entries that a variant keeps; the first one, its opening, stays. */
const KEPT = 50;

/** `GET /api/timeline?service=&pr=`: what happened to a variant since this engine started, oldest first. */
export function serveTimeline(app: FastifyInstance, feed: StatusFeed): void {
  const timeline = keepTimeline(feed);
  app.addHook("onClose", async () => timeline.close());
  app.get<{ Querystring: { service?: string; pr?: string } }>("/api/timeline", async ({ query }) => {
    const { service, pr } = query;
    if (service === undefined || (pr !== undefined && !isPrNumber(Number(pr)))) throw usage();
    return {
      entries: timeline.of(variantName(pr === undefined ? { service } : { service, pr: Number(pr) })),
    };
  });
}

function usage(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "A timeline is asked for by ?service=<name>, with &pr=<number> for a canary.",
    hint: "For example /api/timeline?service=api&pr=7",
    fault: "user",
  });
}

/** Compares each status with the one before. What is gone is forgotten, so that it stays as large as what runs. */
function keepTimeline({ status, onStatus }: StatusFeed) {
  const entries = new Map<string, TimelineEntry[]>();
  let before: StatusDocument | undefined;
  const look = () => {
    const now = status();
    const at = Date.now();
    for (const [name, events] of timelineEvents(before, now)) {
      const all = [...(entries.get(name) ?? []), ...events.map((event) => ({ ...event, at }))];
      entries.set(name, all.length <= KEPT ? all : [...all.slice(0, 1), ...all.slice(1 - KEPT)]);
    }
    const alive = new Set(
      now.services.flatMap(({ stable, canaries }) => [stable, ...canaries]).map(variantName),
    );
    for (const name of entries.keys()) if (!alive.has(name)) entries.delete(name);
    before = now;
  };
  look();
  return { of: (variant: string) => entries.get(variant) ?? [], close: onStatus(look) };
}
