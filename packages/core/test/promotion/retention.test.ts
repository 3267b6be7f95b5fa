import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { imageRetention, imageTag } from "@perch/core";
import fc from "fast-check";

const head = (digit: string) => digit.repeat(40);

describe("which images go", () => {
  it("all heads of closed pull requests, and nothing else", () => {
    const closed = [imageTag(7, head("a")), imageTag(7, head("b")), imageTag(9, head("c"))];
    const kept = [imageTag(8, head("a")), "main", "0123456789ab", "pr-7", "pr-7-short", "latest"];
    const { removable, ...rest } = imageRetention([...kept, ...closed], (pr) => pr !== 8);
    assert.deepEqual(removable, closed);
    assert.deepEqual(rest.kept, kept);
  });

  it("every tag is in exactly one of the two, in the order in which it came", () => {
    const tag = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc
        .tuple(fc.integer({ min: 1, max: 20 }), fc.constantFrom(..."0123456789abcdef"))
        .map(([pr, digit]) => imageTag(pr, head(digit))),
    );
    fc.assert(
      fc.property(fc.uniqueArray(tag), fc.integer({ min: 0, max: 20 }), (tags, last) => {
        const { removable, kept } = imageRetention(tags, (pr) => pr <= last);
        assert.deepEqual(
          tags.filter((one) => removable.includes(one)),
          removable,
        );
        assert.deepEqual(
          tags.filter((one) => !removable.includes(one)),
          kept,
        );
        assert.ok(removable.every((one) => /^pr-\d+-[0-9a-f]{12}$/.test(one)));
      }),
    );
  });
});
