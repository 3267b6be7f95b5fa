import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timelineWords } from "../../src/canary/timeline-words.ts";

describe("a timeline in words", () => {
  it("has the newest first, and says what a roll replaced and why something failed", () => {
    const words = timelineWords([
      { at: 1, kind: "opened", revision: "aa" },
      { at: 2, kind: "rolled", revision: "bb", from: "aa" },
      { at: 3, kind: "failed", revision: "cc", message: "The build failed." },
    ]);
    assert.deepEqual(
      words.map(({ at, title, detail }) => [at, title, detail]),
      [
        [3, "Failed", "cc: The build failed."],
        [2, "Rolled", "aa → bb"],
        [1, "Opened", "aa"],
      ],
    );
  });
});
