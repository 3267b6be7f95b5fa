import assert from "node:assert/strict";
import { it } from "node:test";
import { badgeOf } from "../../src/badge/badge.ts";

it("shows the PR, the only one of a list, or how many a list names; and warns in four characters", () => {
  assert.equal(badgeOf("", "untagged").text, "");
  assert.equal(badgeOf("123", "canary").text, "123");
  assert.equal(badgeOf("api=45", "canary").text, "45");
  assert.equal(badgeOf("api=7,store=45", "unknown").text, "2×");
  assert.equal(badgeOf("123456", "canary").text, "1234");
  assert.equal(badgeOf("123456", "stable").text, "123!");
  assert.notEqual(badgeOf("7", "stable").colour, badgeOf("7", "canary").colour);
  assert.match(badgeOf("7", "stable").title, /X-Canary 7[\s\S]*stable everywhere/);
});
