import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { WriteStream } from "node:tty";
import { createScreen } from "../../src/output/screen.ts";

describe("a screen", () => {
  for (const [what, shape] of [
    ["is no terminal", {}],
    ["is a terminal that says it has no rows", { isTTY: true, rows: 0, columns: 0 }],
  ] as const) {
    it(`writes each picture below the last where its stream ${what}`, () => {
      const stream = Object.assign(new PassThrough(), shape) as unknown as WriteStream & PassThrough;
      const screen = createScreen(stream);
      screen.show("one\n");
      screen.show("two\n");
      screen.done();
      assert.equal(String(stream.read()), "one\ntwo\n");
    });
  }
});
