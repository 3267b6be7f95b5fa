import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { remembering } from "../src/memory.ts";

describe("remembering", () => {
  it("reads equal text once", () => {
    const reads: string[] = [];
    const read = remembering((text) => {
      reads.push(text);
      return { text };
    });
    assert.equal(read("a"), read("a"));
    assert.deepEqual(read("b"), { text: "b" });
    assert.deepEqual(reads, ["a", "b"]);
  });

  it("keeps no more than so much, whatever it is given", () => {
    let reads = 0;
    const read = remembering((text) => {
      reads += 1;
      return { text };
    });
    for (let i = 0; i < 10_000; i += 1) assert.deepEqual(read(`text ${i}`), { text: `text ${i}` });
    read("text 0");
    assert.equal(reads, 10_001);
    const long = "a".repeat(10_000);
    assert.notEqual(read(long), read(long));
  });

  it("reads anew what had no meaning", () => {
    let reads = 0;
    const read = remembering(() => {
      reads += 1;
      return undefined;
    });
    assert.equal(read("a"), undefined);
    assert.equal(read("a"), undefined);
    assert.equal(reads, 2);
  });
});
