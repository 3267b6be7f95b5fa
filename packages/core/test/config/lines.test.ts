import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lineIndex } from "../../src/config/lines.ts";

test("every offset of a text is where counting leads to; offsets outside are at its ends", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\n", "\r\n", "é") });
  fc.assert(
    fc.property(text, fc.integer({ min: -2, max: 20 }), (written, offset) => {
      const before = written.slice(0, Math.max(offset, 0)).split("\n");
      const column = (before.at(-1) ?? "").length + 1;
      assert.deepEqual(lineIndex(written)(offset), { line: before.length, column });
    }),
  );
});
