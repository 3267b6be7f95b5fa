import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pauseAfter } from "../../src/live/connection.ts";

describe("connecting again", () => {
  it("waits longer after each failure, up to five seconds", () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 100, 10_000].map(pauseAfter),
      [500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000],
    );
  });
});
