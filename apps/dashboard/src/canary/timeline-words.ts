import type { TimelineEntry } from "@perch/core";

/** One line of a timeline, for a person. */
export interface TimelineWords {
  readonly at: number;
  readonly icon: "ready" | "working" | "failed" | "asleep" | "leaving";
  readonly title: string;
  readonly detail: string;
}

const WORDS: Readonly<Record<TimelineEntry["kind"], Pick<TimelineWords, "icon" | "title">>> = {
  opened: { icon: "working", title: "Opened" },
  pushed: { icon: "working", title: "Pushed" },
  built: { icon: "working", title: "Built" },
  ready: { icon: "ready", title: "Ready" },
  rolled: { icon: "ready", title: "Rolled" },
  slept: { icon: "asleep", title: "Slept" },
  woke: { icon: "ready", title: "Woke" },
  failed: { icon: "failed", title: "Failed" },
};

/** Newest first. An event of a newer engine shows by its own name. */
export function timelineWords(entries: readonly TimelineEntry[]): TimelineWords[] {
  return entries
    .map((entry) => ({
      at: entry.at,
      ...(WORDS[entry.kind] ?? { icon: "working", title: entry.kind }),
      detail: detailOf(entry),
    }))
    .reverse();
}

function detailOf(entry: TimelineEntry): string {
  if (entry.kind === "rolled") return `${entry.from} → ${entry.revision}`;
  if (entry.kind === "failed") return `${entry.revision}: ${entry.message}`;
  return entry.revision;
}
