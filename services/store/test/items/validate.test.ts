import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import { checkExpectedVersion, checkFields, checkId, checkPageSize, isId } from "../../src/items/validate.ts";

const FIELDS = { name: "Perch", description: "", priceCents: 0 };

function refuses(work: () => unknown, message: RegExp): void {
  assert.throws(work, { code: status.INVALID_ARGUMENT, message });
}

describe("an item's id", () => {
  it("is lower-case letters, digits and inner hyphens, up to 64", () => {
    for (const id of ["a", "0", "oak-perch", "a--b", "x".repeat(64)]) assert.equal(checkId(id), id);
  });

  it("is nothing else", () => {
    for (const id of ["", "-a", "a-", "A", "a b", "a/b", "ä", "a\n", "x".repeat(65)]) {
      assert.equal(isId(id), false, JSON.stringify(id));
      refuses(() => checkId(id), /^id must be/);
    }
  });
});

describe("an item's fields", () => {
  it("may be at their limits, counted in characters and not in bytes", () => {
    const fields = { name: "🐦".repeat(120), description: "ü".repeat(2_000), priceCents: 100_000_000 };
    assert.deepEqual(checkFields(fields), fields);
  });

  it("are refused all at once", () => {
    refuses(
      () => checkFields({ name: "", description: "x".repeat(2_001), priceCents: -1 }),
      /^name .*; description .*; price_cents must be from 0 to 100000000\.$/,
    );
  });

  it("have a name without control characters or white space around it", () => {
    for (const name of [" a", "a ", " ", "a\u0000b", "a\nb", "\u0085", "x".repeat(121)]) {
      refuses(() => checkFields({ ...FIELDS, name }), /^name must/);
    }
  });
});

describe("numbers", () => {
  it("of page size 0 mean 20", () => assert.equal(checkPageSize(0), 20));

  it("out of range are refused, with the range", () => {
    for (const size of [-1, 101, 2 ** 31 - 1])
      refuses(() => checkPageSize(size), /page_size must be from 1 to 100/);
    for (const version of [0, -1])
      refuses(() => checkExpectedVersion(version), /expected_version must be from 1/);
  });

  it("of an absent version stay absent", () => assert.equal(checkExpectedVersion(undefined), undefined));
});
