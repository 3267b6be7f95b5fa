import type { OutgoingHttpHeader, OutgoingHttpHeaders } from "node:http";
import { pairsOf } from "../header-pairs.ts";

/** What `writeHead` takes: an object, a flat list of names and values, or a list of pairs. */
export type HeadersArgument =
  | OutgoingHttpHeaders
  | readonly OutgoingHttpHeader[]
  | readonly (readonly [string, OutgoingHttpHeader])[]
  | undefined;

/** The response depends on this request header, so a cache has to keep one answer for each of its values. */
const VARIES_ON = "X-Canary";

/**
 * The response's `Vary` with X-Canary in it. What `writeHead` is given replaces what `setHeader` has set, as in Node.
 * RFC 9110, section 12.5.5: names are case-insensitive, and `*` covers every header already.
 */
export function varyOf(given: HeadersArgument, set: OutgoingHttpHeader | undefined): string {
  const values = varyValues(given);
  const names = (values.length > 0 ? values : [set ?? []].flat()).map(String).join(", ");
  if (names.trim() === "") return VARIES_ON;
  const covered = names.split(",").some((name) => ["*", "x-canary"].includes(name.trim().toLowerCase()));
  return covered ? names : `${names}, ${VARIES_ON}`;
}

/**
 * The argument with these headers instead of any that it has of the same names; a list, which takes less than another object with
 * names of its own. @param added names and values in turn.
 */
export function withHeaders(given: HeadersArgument, added: readonly string[]): OutgoingHttpHeader[] {
  const headers: OutgoingHttpHeader[] = [];
  const keep = (name: string, value: unknown) => {
    if (!hasName(added, name)) headers.push(name, value as OutgoingHttpHeader);
  };
  if (isList(given)) for (const [name, value] of pairsOf(given)) keep(String(name), value);
  else for (const name of Object.keys(given ?? {})) keep(name, given?.[name]);
  for (const text of added) headers.push(text);
  return headers;
}

function hasName(lines: readonly string[], name: string): boolean {
  for (let i = 0; i < lines.length; i += 2) if (isSameName(lines[i] ?? "", name)) return true;
  return false;
}

function varyValues(given: HeadersArgument): unknown[] {
  if (isList(given))
    return pairsOf(given).flatMap(([name, value]) => (isSameName(String(name), "Vary") ? value : []));
  const values: unknown[] = [];
  for (const name of Object.keys(given ?? {})) if (isSameName(name, "Vary")) values.push(given?.[name]);
  return values.flat(1);
}

/** Lengths first: this is asked of every header of every response, and nearly none is. */
function isSameName(one: string, other: string): boolean {
  return one.length === other.length && one.toLowerCase() === other.toLowerCase();
}

type HeaderList = Exclude<HeadersArgument, OutgoingHttpHeaders | undefined>;

function isList(given: HeadersArgument): given is HeaderList {
  return Array.isArray(given);
}
