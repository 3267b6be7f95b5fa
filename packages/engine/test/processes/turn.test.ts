import assert from "node:assert/strict";
import { describe, it } from "node:test";
import pLimit from "p-limit";
import { inTurn } from "../../src/processes/turn.ts";

describe("a turn", () => {
  it("that is aborted while others build ends at once, and its task never begins", async () => {
    const slots = pLimit(1);
    const building = Promise.withResolvers<void>();
    const first = inTurn(slots, new AbortController().signal, () => building.promise);
    const closing = new AbortController();
    let begun = false;
    const second = inTurn(slots, closing.signal, async () => {
      begun = true;
    });
    closing.abort(new Error("closed"));
    await assert.rejects(second, /closed/);
    building.resolve();
    await first;
    await inTurn(slots, new AbortController().signal, async () => undefined);
    assert.equal(begun, false);
  });

  it("whose task has begun is waited for: nobody removes its folder under it", async () => {
    const closing = new AbortController();
    const ended = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    let over = false;
    const turn = inTurn(pLimit(1), closing.signal, async () => {
      begun.resolve();
      await ended.promise;
    }).then(() => {
      over = true;
    });
    await begun.promise;
    closing.abort();
    await new Promise(setImmediate);
    assert.equal(over, false);
    ended.resolve();
    await turn;
  });

  it("passes on how its task failed", async () => {
    const failing = inTurn(pLimit(1), new AbortController().signal, () => Promise.reject(new Error("no")));
    await assert.rejects(failing, /no/);
  });
});
