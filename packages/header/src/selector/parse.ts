import { isDigit, isServiceName, MAX_SELECTOR_BYTES, MAX_SELECTOR_ENTRIES, readPrNumber } from "./grammar.ts";
import type { InvalidReason, Selector, SelectorResult } from "./types.ts";

/** Longest value, in bytes, that `parseJoinedSelector` takes apart; more than HTTP stacks let pass by default. */
export const MAX_JOINED_BYTES = 16_384;

const SPACE = 0x20;
const TAB = 0x09;

// Made once: these are the answers for nearly every request of a stable environment, and for every attack.
const ABSENT: SelectorResult = Object.freeze({ kind: "absent" });
const MALFORMED = invalid("malformed");
const TOO_LONG = invalid("too-long");
const TOO_MANY_ENTRIES = invalid("too-many-entries");
const DUPLICATE_SERVICE = invalid("duplicate-service");
const DIFFERING_LINES = invalid("differing-lines");

/**
 * What the `X-Canary` header lines of one request mean. Never throws, whatever it is given; takes linear time.
 *
 * - No line is absent. An empty or blank line is malformed: a client that sent the header meant something by it.
 * - White space (SP, HTAB) around each line is no part of its value (RFC 9110 section 5.5). Lines with equal text count
 *   once, lines with different text are invalid, also where only the order of a list differs.
 * - Of several faults one is named, whatever the order of the lines: a line that is too long first, then lines that
 *   differ, then malformed, too many entries, and a service named twice.
 * - The limit of 256 bytes counts characters: a value with characters of several bytes is malformed anyway.
 *
 * @param lines the header's lines as received, one string each; a lone string is one line.
 */
export function parseSelector(lines: string | readonly string[] | undefined): SelectorResult {
  if (lines === undefined || lines === null) return ABSENT;
  if (typeof lines === "string") return parseValue(trimOuter(lines));
  if (!Array.isArray(lines)) return MALFORMED;
  if (lines.length === 0) return ABSENT;
  return parseLines(lines);
}

/**
 * Like `parseSelector`, for stacks that join repeated lines with `, ` before anyone sees them (Node's HTTP/2 and so
 * grpc-js), as RFC 9110 section 5.3 lets them. The grammar has no inner white space, so comma and space together can
 * only be such a join. A value over 16 KiB is invalid as `too-long` without being taken apart.
 */
export function parseJoinedSelector(value: string | readonly string[] | undefined): SelectorResult {
  if (value === undefined || value === null) return ABSENT;
  const lines: string[] = [];
  for (const part of Array.isArray(value) ? value : [value]) {
    if (typeof part !== "string") return MALFORMED;
    if (part.length > MAX_JOINED_BYTES) return TOO_LONG;
    for (const line of part.split(", ")) lines.push(line);
  }
  return parseSelector(lines);
}

function parseLines(lines: readonly unknown[]): SelectorResult {
  let value: string | undefined;
  let differing = false;
  for (const line of lines) {
    if (typeof line !== "string") return MALFORMED;
    const trimmed = trimOuter(line);
    if (trimmed.length > MAX_SELECTOR_BYTES) return TOO_LONG;
    value ??= trimmed;
    differing ||= trimmed !== value;
  }
  return differing ? DIFFERING_LINES : parseValue(value ?? "");
}

function parseValue(value: string): SelectorResult {
  if (value.length > MAX_SELECTOR_BYTES) return TOO_LONG;
  if (!isDigit(value.charCodeAt(0))) return parseList(value);
  const pr = readPrNumber(value, 0, value.length);
  return pr === 0 ? MALFORMED : valid({ kind: "pr", pr });
}

function parseList(value: string): SelectorResult {
  const entries = new Map<string, number>();
  let count = 0;
  for (let start = 0; start <= value.length; count++) {
    const comma = value.indexOf(",", start);
    const end = comma === -1 ? value.length : comma;
    const equals = value.indexOf("=", start);
    if (equals === -1) return MALFORMED;
    // An equals sign of a later entry leaves no digits between it and this entry's end: no PR.
    const service = value.slice(start, equals);
    const pr = readPrNumber(value, equals + 1, end);
    if (pr === 0 || !isServiceName(service)) return MALFORMED;
    entries.set(service, pr);
    start = end + 1;
  }
  if (count > MAX_SELECTOR_ENTRIES) return TOO_MANY_ENTRIES;
  if (entries.size < count) return DUPLICATE_SERVICE;
  return valid({ kind: "list", entries });
}

/** Without SP and HTAB at both ends. Not `trim`, which also takes line ends and Unicode's spaces. */
function trimOuter(line: string): string {
  let start = 0;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  return end - start === line.length ? line : line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function valid(selector: Selector): SelectorResult {
  return { kind: "valid", selector };
}

function invalid(reason: InvalidReason): SelectorResult {
  return Object.freeze({ kind: "invalid", reason });
}
