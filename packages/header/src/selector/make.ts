import { formatSelector } from "./format.ts";
import {
  isPrNumber,
  isServiceName,
  MAX_PR_NUMBER,
  MAX_SELECTOR_BYTES,
  MAX_SELECTOR_ENTRIES,
} from "./grammar.ts";
import type { ListSelector, PrSelector } from "./types.ts";

/**
 * The selector of one PR of every service that has a canary of it.
 * @throws RangeError when `pr` is not a whole number from 1 to 9999999999.
 */
export function prSelector(pr: number): PrSelector {
  return { kind: "pr", pr: checkedPr(pr) };
}

/**
 * The selector of one PR for each named service.
 * @throws RangeError when the list is empty, names a service twice, has over 16 entries or over 256 bytes as text, or
 * when an entry is outside the grammar.
 */
export function listSelector(entries: Iterable<readonly [service: string, pr: number]>): ListSelector {
  const checked = new Map<string, number>();
  for (const [service, pr] of entries) {
    if (checked.has(service)) {
      throw new RangeError(`A selector names each service once; ${service} is named twice. Leave one out.`);
    }
    checked.set(checkedService(service), checkedPr(pr));
    if (checked.size > MAX_SELECTOR_ENTRIES) {
      throw new RangeError(`A selector names at most ${MAX_SELECTOR_ENTRIES} services. Name fewer.`);
    }
  }
  const selector: ListSelector = { kind: "list", entries: checked };
  if (checked.size === 0)
    throw new RangeError("A selector list names at least one service; this one is empty.");
  const bytes = formatSelector(selector).length;
  if (bytes > MAX_SELECTOR_BYTES) {
    throw new RangeError(
      `A selector has at most ${MAX_SELECTOR_BYTES} bytes; this one has ${bytes}. Name fewer services.`,
    );
  }
  return selector;
}

function checkedPr(pr: number): number {
  if (isPrNumber(pr)) return pr;
  throw new RangeError(`A PR is a whole number from 1 to ${MAX_PR_NUMBER}, not ${quoted(pr)}.`);
}

function checkedService(service: string): string {
  if (isServiceName(service)) return service;
  throw new RangeError(
    `A service name is a lower-case letter, then up to 39 letters, digits or "-", not "-" at the end and without "-canary-pr-" inside; ` +
      `${quoted(service)} is not one.`,
  );
}

/** For a message: on one line, without control characters, and of a length that a person reads. */
function quoted(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  return typeof value === "number" ? String(value) : `a value of type ${typeof value}`;
}
