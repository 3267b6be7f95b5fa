import { isPrNumber } from "../selector/grammar.ts";
import { addCounts, CUT_MARK, MAX_TRAIL_INPUT_BYTES } from "./limits.ts";
import { isKnownNote } from "./notes.ts";
import { type BareItem, readStringList, type StringItem } from "./structured-field.ts";
import type { Hop, Trail } from "./types.ts";

/**
 * Reads `X-Canary-Trail`: an RFC 9651 List of Strings with the parameters `pr`, `rev`, `note`, `n`, and `cut` on `"+"`.
 * `undefined` when it is absent, empty, over 16 KiB, or malformed, which includes a known parameter of the wrong type or
 * range. Never throws; takes linear time.
 *
 * Unknown parameters are ignored, and so is a note that this version does not know: a newer service's hop stays visible.
 * Hops stay as they came, equal neighbours too. Counts of several `"+"` add up, wherever they stand: somebody joined
 * trails without merging them.
 *
 * @param value the header's lines as received, one string each; several lines are joined as RFC 9651 section 4.2 says.
 */
export function parseTrail(value: string | readonly string[] | undefined): Trail | undefined {
  const text = joinLines(value);
  const items = text === undefined ? undefined : readStringList(text);
  if (items === undefined || items.length === 0) return undefined;
  const hops: Hop[] = [];
  let cut = 0;
  for (const item of items) {
    const read = item.value === CUT_MARK ? readCut(item) : readHop(item);
    if (read === undefined) return undefined;
    if (typeof read === "number") cut = addCounts(cut, read);
    else hops.push(read);
  }
  return cut === 0 ? { hops } : { hops, cut };
}

function joinLines(value: string | readonly string[] | undefined): string | undefined {
  const lines: readonly unknown[] = Array.isArray(value) ? value : [value];
  let text: string | undefined;
  for (const line of lines) {
    if (typeof line !== "string") return undefined;
    text = text === undefined ? line : `${text}, ${line}`;
    if (text.length > MAX_TRAIL_INPUT_BYTES) return undefined;
  }
  return text;
}

function readCut({ parameters }: StringItem): number | undefined {
  const cut = parameters.get("cut");
  return cut?.kind === "integer" && cut.value >= 1 ? cut.value : undefined;
}

function readHop({ value, parameters }: StringItem): Hop | undefined {
  const pr = parameters.get("pr");
  const rev = parameters.get("rev");
  const note = parameters.get("note");
  const n = parameters.get("n");
  if (!isPr(pr) || !isRev(rev) || !isNote(note) || !isCount(n)) return undefined;
  return {
    service: value,
    ...(pr === undefined ? {} : { pr: pr.value }),
    ...(rev === undefined ? {} : { rev: rev.value }),
    ...(note !== undefined && isKnownNote(note.value) ? { note: note.value } : {}),
    ...(n === undefined || n.value === 1 ? {} : { n: n.value }),
  };
}

type Parameter<Kind extends BareItem["kind"]> = Extract<BareItem, { kind: Kind }> | undefined;

function isPr(item: BareItem | undefined): item is Parameter<"integer"> {
  return item === undefined || (item.kind === "integer" && isPrNumber(item.value));
}

function isRev(item: BareItem | undefined): item is Parameter<"string"> {
  return item === undefined || item.kind === "string";
}

function isNote(item: BareItem | undefined): item is Parameter<"token"> {
  return item === undefined || item.kind === "token";
}

function isCount(item: BareItem | undefined): item is Parameter<"integer"> {
  return item === undefined || (item.kind === "integer" && item.value >= 1);
}
