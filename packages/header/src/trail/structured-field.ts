/** A bare item of RFC 9651. Kinds that a trail has no use for are recognised, so that they can be ignored. */
export type BareItem =
  | { readonly kind: "integer"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "token"; readonly value: string }
  | { readonly kind: "other" };

/** A String with its parameters; of parameters with the same key the last counts (RFC 9651 section 4.2.3.2). */
export interface StringItem {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, BareItem>;
}

interface Cursor {
  readonly text: string;
  at: number;
}

// All sticky, and none with two ways to match the same text: each character is looked at a fixed number of times.
const SPACES = / */y;
const OPTIONAL_WHITE_SPACE = /[ \t]*/y;
const COMMA = /,/y;
const SEMICOLON = /;/y;
const EQUALS = /=/y;
const KEY = /[a-z*][-a-z0-9_.*]*/y;
const STRING = /"[ !#-[\]-~]*(?:\\["\\][ !#-[\]-~]*)*"/y;
const INTEGER = /-?[0-9]{1,15}(?![0-9.])/y;
const TOKEN = /[A-Za-z*][-!#$%&'*+.^_`|~:/0-9A-Za-z]*/y;
/** Decimal, Byte Sequence, Boolean, Date, Display String. */
const OTHER = [
  /-?[0-9]{1,12}\.[0-9]{1,3}/y,
  /:[A-Za-z0-9+/=]*:/y,
  /\?[01]/y,
  /@-?[0-9]{1,15}/y,
  /%"(?:[ !#$&-~]|%[0-9a-f]{2})*"/y,
];

/**
 * Reads a List whose members are all Strings (RFC 9651 section 4.2.1). `undefined` when the text is no List or a member
 * is something else; an empty List is empty text.
 */
export function readStringList(text: string): StringItem[] | undefined {
  const cursor: Cursor = { text, at: 0 };
  const items: StringItem[] = [];
  take(cursor, SPACES);
  if (cursor.at === text.length) return items;
  for (;;) {
    const item = readStringItem(cursor);
    if (item === undefined) return undefined;
    items.push(item);
    take(cursor, OPTIONAL_WHITE_SPACE);
    if (cursor.at === text.length) return items;
    if (take(cursor, COMMA) === undefined) return undefined;
    take(cursor, OPTIONAL_WHITE_SPACE);
  }
}

function readStringItem(cursor: Cursor): StringItem | undefined {
  const value = readString(cursor);
  if (value === undefined) return undefined;
  const parameters = new Map<string, BareItem>();
  while (take(cursor, SEMICOLON) !== undefined) {
    take(cursor, SPACES);
    const key = take(cursor, KEY);
    if (key === undefined) return undefined;
    // A key alone is Boolean true.
    const item: BareItem | undefined =
      take(cursor, EQUALS) === undefined ? { kind: "other" } : readBareItem(cursor);
    if (item === undefined) return undefined;
    parameters.set(key, item);
  }
  return { value, parameters };
}

function readBareItem(cursor: Cursor): BareItem | undefined {
  const string = readString(cursor);
  if (string !== undefined) return { kind: "string", value: string };
  const integer = take(cursor, INTEGER);
  if (integer !== undefined) return { kind: "integer", value: Number(integer) };
  const token = take(cursor, TOKEN);
  if (token !== undefined) return { kind: "token", value: token };
  return OTHER.some((pattern) => take(cursor, pattern) !== undefined) ? { kind: "other" } : undefined;
}

function readString(cursor: Cursor): string | undefined {
  return take(cursor, STRING)?.slice(1, -1).replace(/\\(.)/g, "$1");
}

/** Steps over what the sticky `pattern` matches here; `undefined`, without a step, when it matches nothing. */
function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text)?.[0];
  if (match !== undefined) cursor.at += match.length;
  return match;
}

/** A String as RFC 9651 section 4.1.6 writes it. `value` must be printable ASCII. */
export function writeString(value: string): string {
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}
