import type { Hop, HopNote, Selector, Trail } from "@perch/header";
import { isServiceName, MAX_PR_NUMBER, MAX_TRAIL_TEXT } from "@perch/header";
import fc from "fast-check";

export const prNumbers = fc.oneof(
  fc.integer({ min: 1, max: 999 }),
  fc.integer({ min: 1, max: MAX_PR_NUMBER }),
);

/** Short ones mostly, so that lists of 16 fit into 256 bytes. */
export const serviceNames = fc
  .oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[a-z]([-a-z0-9]{0,4}[a-z0-9])?$/) },
    { weight: 1, arbitrary: fc.stringMatching(/^[a-z][-a-z0-9]{0,38}[a-z0-9]$/) },
  )
  .filter(isServiceName);

const listEntries = fc
  .uniqueArray(fc.tuple(serviceNames, prNumbers), {
    minLength: 1,
    maxLength: 16,
    selector: ([service]) => service,
  })
  .filter((entries) => entries.map(([service, pr]) => `${service}=${pr}`).join().length <= 256);

export const selectors: fc.Arbitrary<Selector> = fc.oneof(
  prNumbers.map((pr) => ({ kind: "pr" as const, pr })),
  listEntries.map((entries) => ({ kind: "list" as const, entries: new Map(entries) })),
);

/** Text near the selector grammar, where its borders are. */
export const nearSelectors = fc
  .array(
    fc.constantFrom("1", "0", "7", "a", "-", "=", ",", " ", "\t", "api=7", "-canary-pr-", "é", "9999999999"),
    {
      maxLength: 90,
    },
  )
  .map((parts) => parts.join(""));

export const notes = fc.constantFrom<HopNote>("unreachable", "invalid-selector", "partial");

const printable = fc.string({ unit: "grapheme-ascii", maxLength: MAX_TRAIL_TEXT });

function hopsOf(text: fc.Arbitrary<string>): fc.Arbitrary<Hop> {
  return fc
    .record(
      {
        service: text,
        pr: prNumbers,
        rev: text,
        note: notes,
        n: fc.integer({ min: 2, max: 999_999_999_999_999 }),
      },
      { requiredKeys: ["service"], noNullPrototype: true },
    )
    .filter((hop) => hop.service !== "+");
}

/** Hops that a field can hold as they are. */
export const cleanHops = hopsOf(printable);

/** Hops with anything in them, also what the types forbid. */
export const wildHops = fc.oneof(
  cleanHops,
  hopsOf(fc.string({ unit: "binary", maxLength: 300 })),
  fc.record({
    service: fc.constantFrom("+", "", "a\r\nx: y", 'quote"d\\'),
    pr: fc.constantFrom(0, -1, 1.5, Number.NaN, 2 ** 60),
    n: fc.constantFrom(0, -3, 2.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60),
    note: fc.constantFrom("partial", "no token!" as HopNote),
  }),
);

/** Few different short hops, so that equal neighbours are common. */
export const repetitiveHops: fc.Arbitrary<Hop> = fc.constantFrom(
  { service: "store", rev: "v1" },
  { service: "store", rev: "v1", n: 2 },
  { service: "store", pr: 7, rev: "ab12cd34ef56" },
  { service: "api" },
);

export function trailsOf(hops: fc.Arbitrary<Hop>): fc.Arbitrary<Trail> {
  const list = fc.array(hops, { maxLength: 60, size: "max" });
  return fc.oneof(
    list.map((all) => ({ hops: all })),
    fc.record({ hops: list, cut: fc.integer({ min: 1, max: 1_000_000 }) }),
  );
}
