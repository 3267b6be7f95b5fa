import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatSelector,
  type InvalidReason,
  MAX_JOINED_BYTES,
  MAX_SELECTOR_BYTES,
  parseJoinedSelector,
  parseSelector,
  type SelectorResult,
} from "@perch/header";
import fc from "fast-check";
import { nearSelectors, selectors } from "../arbitraries.ts";
import { countingReads } from "../counting.ts";

const absent: SelectorResult = { kind: "absent" };
const invalid = (reason: InvalidReason): SelectorResult => ({ kind: "invalid", reason });
const pr = (number: number): SelectorResult => ({ kind: "valid", selector: { kind: "pr", pr: number } });
const list = (entries: Record<string, number>): SelectorResult => ({
  kind: "valid",
  selector: { kind: "list", entries: new Map(Object.entries(entries)) },
});
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `s${index}`);
const listOf = (count: number): string =>
  names(count)
    .map((name) => `${name}=1`)
    .join(",");

/** A valid list of exactly so many bytes: five entries with long names, then one that fills up. */
function listOfBytes(bytes: number): string {
  const full = ["a", "b", "c", "d", "e"].map((first) => `${first.repeat(40)}=1`).join(",");
  return `${full},f${"f".repeat(bytes - full.length - 4)}=1`;
}

describe("parseSelector", () => {
  const cases: [title: string, lines: string | string[] | undefined, expected: SelectorResult][] = [
    ["takes no header as absent", undefined, absent],
    ["takes an empty list of lines as absent", [], absent],
    ["refuses an empty line", "", invalid("malformed")],
    ["refuses a blank line", [" \t "], invalid("malformed")],
    ["takes digits as a PR of every service", "123", pr(123)],
    ["takes ten digits", "9999999999", pr(9_999_999_999)],
    ["refuses eleven digits", "10000000000", invalid("malformed")],
    ["refuses a leading zero", "0123", invalid("malformed")],
    ["refuses PR 0", "0", invalid("malformed")],
    ["refuses a sign", "+1", invalid("malformed")],
    ["refuses a minus", "-1", invalid("malformed")],
    ["refuses a fraction", "1.5", invalid("malformed")],
    ["refuses an exponent", "1e3", invalid("malformed")],
    ["refuses hexadecimal digits", "0x10", invalid("malformed")],
    ["refuses digits of other scripts", "١٢٣", invalid("malformed")],
    ["takes a list of one service", "api=7", list({ api: 7 })],
    ["takes a list of several services", "api=7,store=45", list({ api: 7, store: 45 })],
    ["takes a list in any order", "store=45,api=7", list({ api: 7, store: 45 })],
    ["refuses a service named twice", "api=7,api=8", invalid("duplicate-service")],
    ["refuses a service named twice with the same PR", "api=7,api=7", invalid("duplicate-service")],
    ["refuses a number before a list", "7,api=7", invalid("malformed")],
    ["refuses a number after a list", "api=7,8", invalid("malformed")],
    ["refuses two numbers in a line", "7,8", invalid("malformed")],
    ["refuses upper case", "API=7", invalid("malformed")],
    ["refuses a name that contains the infix of canary names", "api-canary-pr-1=7", invalid("malformed")],
    ["refuses a name of 41 characters", `${"a".repeat(41)}=7`, invalid("malformed")],
    ["refuses a list's PR with a leading zero", "api=07", invalid("malformed")],
    ["refuses a list's PR 0", "api=0", invalid("malformed")],
    ["refuses a list's entry without a PR", "api=", invalid("malformed")],
    ["refuses a list's first entry without an equals sign", "api,store=45", invalid("malformed")],
    ["refuses a list's entry without a name", "=7", invalid("malformed")],
    ["refuses two equals signs", "api==7", invalid("malformed")],
    ["refuses a comma at the end", "api=7,", invalid("malformed")],
    ["refuses a comma at the start", ",api=7", invalid("malformed")],
    ["refuses an empty entry", "api=7,,store=45", invalid("malformed")],
    ["refuses a semicolon", "api=7;store=45", invalid("malformed")],
    ["refuses white space after a comma", "api=7, store=45", invalid("malformed")],
    ["refuses white space around an equals sign", "api = 7", invalid("malformed")],
    ["refuses white space between digits", "1 2", invalid("malformed")],
    ["trims spaces and tabs around a number", " \t123\t ", pr(123)],
    ["trims spaces and tabs around a list", [" api=7 "], list({ api: 7 })],
    ["does not trim a line end", "123\r\n", invalid("malformed")],
    ["does not trim a no-break space", "\u00a0123", invalid("malformed")],
    ["takes 16 services", listOf(16), list(Object.fromEntries(names(16).map((name) => [name, 1])))],
    ["refuses 17 services", listOf(17), invalid("too-many-entries")],
    ["refuses 257 bytes", listOfBytes(MAX_SELECTOR_BYTES + 1), invalid("too-long")],
    ["names the length before all other faults", "?".repeat(257), invalid("too-long")],
    ["does not count the white space around towards the length", `${" ".repeat(300)}7`, pr(7)],
    ["counts equal lines once", ["123", "123"], pr(123)],
    ["compares lines without the white space around them", ["123", " 123\t"], pr(123)],
    ["refuses lines that differ", ["123", "124"], invalid("differing-lines")],
    ["refuses lists that differ in order only", ["a=1,b=2", "b=2,a=1"], invalid("differing-lines")],
    ["refuses a line beside a blank one", ["123", ""], invalid("differing-lines")],
    ["names a long line before lines that differ", ["7", "8".repeat(257)], invalid("too-long")],
    ["takes equal malformed lines as malformed", ["x", "x"], invalid("malformed")],
  ];
  for (const [title, lines, expected] of cases) {
    it(title, () => assert.deepEqual(parseSelector(lines), expected));
  }

  it("takes 256 bytes", () => assert.equal(parseSelector(listOfBytes(MAX_SELECTOR_BYTES)).kind, "valid"));

  it("reads every formatted selector back", () => {
    fc.assert(
      fc.property(selectors, (selector) => {
        assert.deepEqual(parseSelector(formatSelector(selector)), { kind: "valid", selector });
      }),
    );
  });

  it("reads whatever it takes back from its canonical form", () => {
    fc.assert(
      fc.property(nearSelectors, (text) => {
        const parsed = parseSelector(text);
        if (parsed.kind === "valid") assert.deepEqual(parseSelector(formatSelector(parsed.selector)), parsed);
      }),
    );
  });

  it("takes exactly what a plain reading of the grammar takes", () => {
    fc.assert(
      fc.property(fc.oneof(nearSelectors, selectors.map(formatSelector)), (text) => {
        assert.equal(parseSelector(text).kind === "valid", isSelectorByTheBook(text));
      }),
    );
  });

  it("names the same fault whatever the order of the lines", () => {
    const lines = fc.array(fc.oneof(nearSelectors, fc.constant("7"), fc.constant("x".repeat(300))), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(lines, (some) => {
        const turned = parseSelector(some.toReversed());
        if (turned.kind !== "valid") assert.deepEqual(parseSelector(some), turned);
      }),
    );
  });

  it("never throws, whatever it is given", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.string({ unit: "binary" })),
      fc.anything(),
    );
    fc.assert(
      fc.property(anything, (value) => {
        assert.ok(["absent", "valid", "invalid"].includes(parseSelector(value as string).kind));
        assert.ok(["absent", "valid", "invalid"].includes(parseJoinedSelector(value as string).kind));
      }),
    );
  });

  it("refuses a mebibyte by its length", () => {
    for (const unit of ["1", "a", "a=1,", "-", "a=", "é"]) {
      assert.deepEqual(parseSelector(unit.repeat(2 ** 20)), invalid("too-long"));
    }
  });

  it("reads each of many lines once", () => {
    const counted = countingReads(Array.from({ length: 10_000 }, () => "7"));
    assert.deepEqual(parseSelector(counted.lines), pr(7));
    assert.equal(counted.reads(), 10_000);
  });

  it("gives the same object for every absent header, so that untagged requests cost no memory", () => {
    assert.equal(parseSelector(undefined), parseSelector([]));
  });
});

describe("parseJoinedSelector", () => {
  const cases: [title: string, value: string | string[] | undefined, expected: SelectorResult][] = [
    ["takes no header as absent", undefined, absent],
    ["takes an empty list as absent", [], absent],
    ["takes one line as it is", "api=7,store=45", list({ api: 7, store: 45 })],
    ["counts equal lines that were joined once", "123, 123", pr(123)],
    ["refuses joined lines that differ", "123, 124", invalid("differing-lines")],
    ["takes equal lists that were joined", "a=1,b=2, a=1,b=2", list({ a: 1, b: 2 })],
    [
      "refuses a list whose author put a space after the comma",
      "api=7, store=45",
      invalid("differing-lines"),
    ],
    ["takes several values, joined or not", ["7, 7", "7"], pr(7)],
    ["refuses an empty line", "", invalid("malformed")],
    ["refuses a line joined with an empty one", "7, ", invalid("differing-lines")],
    ["refuses a join without a space", "7,7", invalid("malformed")],
  ];
  for (const [title, value, expected] of cases) {
    it(title, () => assert.deepEqual(parseJoinedSelector(value), expected));
  }

  it("reads lines joined by a transport like the lines themselves", () => {
    const lines = fc.array(fc.oneof(selectors.map(formatSelector), fc.constant("7"), fc.constant("x")), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(lines, (some) =>
        assert.deepEqual(parseJoinedSelector(some.join(", ")), parseSelector(some)),
      ),
    );
  });

  it("refuses a value over 16 KiB without taking it apart", () => {
    const joined = Array.from({ length: 2 ** 18 }, () => "7").join(", ");
    assert.ok(joined.length > MAX_JOINED_BYTES);
    assert.deepEqual(parseJoinedSelector(joined), invalid("too-long"));
  });
});

/** The grammar of DESIGN's words, written for reading and not for speed. */
function isSelectorByTheBook(text: string): boolean {
  const value = text.replace(/^[ \t]+/, "").replace(/[ \t]+$/, "");
  if (Buffer.byteLength(value) > 256) return false;
  if (/^[1-9][0-9]{0,9}$/.test(value)) return true;
  const entries = value.split(",");
  const services = entries.map((entry) => entry.split("=")[0] ?? "");
  return (
    entries.every((entry) => /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?=[1-9][0-9]{0,9}$/.test(entry)) &&
    services.every((service) => !service.includes("-canary-pr-")) &&
    new Set(services).size === services.length &&
    services.length <= 16
  );
}
