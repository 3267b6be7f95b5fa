import { plainText } from "../words.ts";

/** Lines that are kept, and characters of one. */
const KEPT = 1_000;
const LONGEST = 4_000;

/** Lines of a log and what came of the one that has no end yet. */
export interface LogLines {
  readonly lines: readonly string[];
  readonly rest: string;
}

export const NO_LINES: LogLines = { lines: [], rest: "" };

/** Adds a piece of text, wherever it was cut; the oldest lines go. */
export function addText({ lines, rest }: LogLines, text: string): LogLines {
  const parts = (rest + text).split("\n");
  const last = (parts.pop() ?? "").slice(0, LONGEST);
  const added = parts.map((line) => plainText(line).slice(0, LONGEST));
  return { lines: [...lines, ...added].slice(-KEPT), rest: last };
}
