import { isPrNumber } from "../selector/grammar.ts";
import {
  addCounts,
  CUT_MARK,
  countOf,
  MAX_TRAIL_BYTES,
  MAX_TRAIL_ENTRIES,
  MAX_TRAIL_TEXT,
} from "./limits.ts";
import { isKnownNote } from "./notes.ts";
import { writeString } from "./structured-field.ts";
import type { Hop, Trail } from "./types.ts";

/** What is sent of a trail: within the limits, with the text of each entry. */
export interface FittedTrail {
  readonly trail: Trail;
  /** One for each hop, and one for the cut if there is one. */
  readonly entries: readonly string[];
}

const SEPARATOR = ", ";

/** Cleans hops, merges equal neighbours, and leaves out at the end, counted, what the limits do not allow. */
export function fitTrail(trail: Trail): FittedTrail {
  const clean: Hop[] = [];
  let cut = countOf(trail.cut, 0);
  for (const hop of trail.hops) {
    if (isTellable(hop)) appendHop(clean, cleanHop(hop));
    else cut = addCounts(cut, countOf(hop.n, 1));
  }
  return limitHops(clean, cut);
}

/** Joins the entries of a fitted trail: the value of the header. */
export function joinEntries(entries: readonly string[]): string {
  return entries.join(SEPARATOR);
}

/** A hop whose `pr` is no PR is left out as a whole: without its `pr` it would claim that stable served. */
function isTellable(hop: Hop): boolean {
  return hop.pr === undefined || isPrNumber(hop.pr);
}

function cleanHop({ service, pr, rev, note, n }: Hop): Hop {
  const count = countOf(n, 1);
  return {
    service: service === CUT_MARK ? "?" : cleanText(service),
    ...(pr === undefined ? {} : { pr }),
    ...(rev === undefined ? {} : { rev: cleanText(rev) }),
    ...(note !== undefined && isKnownNote(note) ? { note } : {}),
    ...(count === 1 ? {} : { n: count }),
  };
}

/** At most 128 characters, and "?" for each that an RFC 9651 String cannot hold: the hop stays in the trail. */
function cleanText(text: string): string {
  return text.slice(0, MAX_TRAIL_TEXT).replace(/[^ -~]/g, "?");
}

function appendHop(hops: Hop[], hop: Hop): void {
  const last = hops.at(-1);
  if (last === undefined || !isSameHop(last, hop)) hops.push(hop);
  else hops[hops.length - 1] = { ...last, n: addCounts(countOf(last.n, 1), countOf(hop.n, 1)) };
}

function isSameHop(a: Hop, b: Hop): boolean {
  return a.service === b.service && a.pr === b.pr && a.rev === b.rev && a.note === b.note;
}

function limitHops(all: readonly Hop[], alreadyCut: number): FittedTrail {
  const hops = all.slice(0, MAX_TRAIL_ENTRIES);
  const texts = hops.map(writeHop);
  let cut = all.slice(MAX_TRAIL_ENTRIES).reduce((sum, hop) => addCounts(sum, countOf(hop.n, 1)), alreadyCut);
  for (;;) {
    const entries = cut === 0 ? texts : [...texts, `${writeString(CUT_MARK)};cut=${cut}`];
    const last = hops.at(-1);
    // No hop left to leave out cannot happen while it does not fit: one hop has under 600 bytes.
    if (last === undefined || isWithinLimits(entries)) {
      return { trail: cut === 0 ? { hops } : { hops, cut }, entries };
    }
    hops.pop();
    texts.pop();
    cut = addCounts(cut, countOf(last.n, 1));
  }
}

function isWithinLimits(entries: readonly string[]): boolean {
  if (entries.length > MAX_TRAIL_ENTRIES) return false;
  const separators = Math.max(0, entries.length - 1) * SEPARATOR.length;
  return entries.reduce((bytes, entry) => bytes + entry.length, separators) <= MAX_TRAIL_BYTES;
}

function writeHop({ service, pr, rev, note, n }: Hop): string {
  let text = writeString(service);
  if (pr !== undefined) text += `;pr=${pr}`;
  if (rev !== undefined) text += `;rev=${writeString(rev)}`;
  if (note !== undefined) text += `;note=${note}`;
  if (n !== undefined) text += `;n=${n}`;
  return text;
}
