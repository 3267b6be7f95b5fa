import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RequestError } from "octokit";
import { githubFailure } from "../../src/pull-requests/github/failure.ts";

const MINUTE = 60_000;

function answered(status: number, headers: Record<string, string>, message = "No"): RequestError {
  const request = { method: "GET" as const, url: "https://h/x", headers: { authorization: "token secret" } };
  return new RequestError(message, status, {
    request,
    response: { status, url: "https://h/x", headers, data: {} },
  });
}

const waitOf = (...of: Parameters<typeof answered>) =>
  githubFailure("a/b", "what it is", answered(...of)).wait;

describe("a rate limit", () => {
  it("lasts until GitHub's hour ends, by GitHub's clock: a wrong one here changes nothing", () => {
    for (const year of [1999, 2026, 2061]) {
      const now = Date.UTC(year, 5, 1, 12);
      const headers = {
        date: new Date(now).toUTCString(),
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": `${now / 1000 + 600}`,
      };
      assert.equal(waitOf(403, headers), 10 * MINUTE);
      assert.equal(waitOf(429, headers), 10 * MINUTE);
    }
  });

  it("lasts as long as Retry-After says, else a minute, never less than a second nor more than two hours", () => {
    assert.equal(waitOf(403, { "retry-after": "7" }), 7_000);
    assert.equal(waitOf(403, {}, "You have exceeded a secondary rate limit."), MINUTE);
    assert.equal(waitOf(429, {}), MINUTE);
    assert.equal(waitOf(403, { "retry-after": "0" }), 1_000);
    assert.equal(waitOf(403, { "retry-after": "999999999" }), 120 * MINUTE);
    assert.equal(waitOf(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon" }), MINUTE);
  });

  it("is not what every refusal is", () => {
    assert.equal(waitOf(403, { "x-ratelimit-remaining": "4999" }, "Resource not accessible"), undefined);
    assert.equal(waitOf(500, { "retry-after": "7" }), undefined);
  });
});

describe("a failure", () => {
  it("says what was asked, of what, and what to do", () => {
    const { message, hint } = githubFailure("a/b", "which are open", answered(404, {}));
    assert.equal(message, "GitHub did not say of a/b which are open: it answered 404.");
    assert.match(hint, /may the token read/);
    assert.match(githubFailure("a/b", "x", answered(401, {})).hint, /still valid/);
  });

  it("keeps control characters of somebody else's words out of the terminal", () => {
    assert.doesNotMatch(githubFailure("a/b", "x", new Error("a\u001b[2Jb\nc")).message, /\p{C}/u);
  });
});
