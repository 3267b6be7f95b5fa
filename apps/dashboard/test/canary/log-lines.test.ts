import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { addText, NO_LINES } from "../../src/canary/log-lines.ts";

describe("the lines of a log", () => {
  it("are the same wherever the text was cut into pieces", () => {
    const text = fc
      .array(fc.stringMatching(/^[a-z ]{0,20}$/), { maxLength: 30 })
      .map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 8 }), (whole, cuts) => {
        const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
        const pieces = at.slice(1).map((end, i) => whole.slice(at[i], end));
        assert.deepEqual(pieces.reduce(addText, NO_LINES), addText(NO_LINES, whole));
      }),
    );
  });

  it("are bounded: the oldest go, and none is endless", () => {
    const many = addText(NO_LINES, "x\n".repeat(5_000) + "y".repeat(100_000));
    assert.equal(many.lines.length, 1_000);
    assert.ok(many.rest.length < 10_000);
  });
});
