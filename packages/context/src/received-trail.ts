import { parseTrail, type Trail } from "@perch/header";

/** Trails that are remembered, and characters of the longest of them: under 128 KiB in all. */
const MOST = 128;
const LONGEST = 512;

/** What a service says in its trail hardly changes from one answer to the next, and reading it is most of what it costs. */
const remembered = new Map<string, Trail>();

/** `parseTrail` of lines that a service sent. Equal text gives the same object, which nobody may change. */
export function receivedTrail(lines: string | readonly string[] | undefined): Trail | undefined {
  const text = typeof lines === "string" ? lines : lines?.length === 1 ? lines[0] : undefined;
  if (text === undefined || text.length > LONGEST) return parseTrail(lines);
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const trail = parseTrail(text);
  if (trail === undefined) return undefined;
  // Who sends ever new ones makes everybody read anew, and no more than that.
  if (remembered.size >= MOST) remembered.clear();
  remembered.set(text, trail);
  return trail;
}
