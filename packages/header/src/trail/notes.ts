import type { HopNote } from "./types.ts";

const NOTES: ReadonlySet<string> = new Set<HopNote>(["unreachable", "invalid-selector", "partial"]);

/** Whether a note is one that this version knows. */
export function isKnownNote(note: string): note is HopNote {
  return NOTES.has(note);
}
