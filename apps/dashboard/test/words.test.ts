import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { age, plainText, stateWords } from "../src/words.ts";

describe("words", () => {
  it("of each state are told apart by more than colour: by icon and word", () => {
    assert.notEqual(stateWords("ready").icon, stateWords("failed").icon);
    assert.notEqual(stateWords("building").icon, stateWords("asleep").icon);
    assert.deepEqual(stateWords("of-a-newer-engine"), { icon: "working", word: "of-a-newer-engine" });
  });

  it("of an age name one unit", () => {
    const at = (milliseconds: number) => age(milliseconds);
    assert.deepEqual(
      [at(-5), at(59_999), at(60_000), at(7_200_000), at(3 * 86_400_000)],
      ["0 s", "59 s", "1 min", "2 h", "3 d"],
    );
  });

  it("of a log have no colours and no other control characters", () => {
    assert.equal(plainText("\u001b[31mred\u001b[0m\u0007\tend"), "red\tend");
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !/[^\P{Cc}\t\n]/u.test(plainText(text))));
  });
});
