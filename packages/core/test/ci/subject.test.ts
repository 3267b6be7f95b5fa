import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkedHead, checkedRepository, isTrusted, PerchError, subjectOfEvent } from "@perch/core";
import fc from "fast-check";
import { EARLIER, HEAD, refuses } from "./support.ts";

const repository = { full_name: "acme/shop" };

function pullRequestEvent(change: object = {}): object {
  return {
    action: "synchronize",
    number: 7,
    repository,
    pull_request: {
      number: 7,
      title: "$(rm -rf /)",
      user: { login: "author", type: "User" },
      head: { sha: HEAD, ref: '"; echo pwned #', repo: { full_name: "acme/shop" } },
      base: { sha: EARLIER, ref: "main" },
      ...change,
    },
  };
}

describe("the subject of an event", () => {
  it("is a pull request's repository, number, head and base, and nothing that its author wrote", () => {
    const subject = subjectOfEvent(pullRequestEvent());
    assert.deepEqual(subject, { repo: "acme/shop", pr: 7, head: HEAD, base: EARLIER, trusted: true });
  });

  it("is not trusted from a fork, from a fork that is gone, and by a bot", () => {
    const fork = { head: { sha: HEAD, repo: { full_name: "eve/shop" } } };
    const gone = { head: { sha: HEAD, repo: null } };
    const bot = { user: { login: "dependabot[bot]", type: "Bot" } };
    for (const change of [fork, gone, bot]) {
      assert.equal(subjectOfEvent(pullRequestEvent(change)).trusted, false, JSON.stringify(change));
    }
  });

  it("is, for a deployment, the pull request of its environment", () => {
    const event = { repository, deployment: { environment: "store-canary-pr-45", sha: HEAD } };
    assert.deepEqual(subjectOfEvent(event), { repo: "acme/shop", pr: 45, head: HEAD });
  });

  it("is, for a dispatch, what its inputs say", () => {
    const event = { repository, inputs: { pr: "7", head: HEAD } };
    assert.deepEqual(subjectOfEvent(event), { repo: "acme/shop", pr: 7, head: HEAD });
  });

  it("is refused for events of another kind, with what to do", () => {
    refuses(() => subjectOfEvent({ repository, ref: "refs/heads/main" }), "EVENT_INVALID", /no pull request/);
    refuses(() => subjectOfEvent(null), "EVENT_INVALID", /repository has no name/);
    const production = { repository, deployment: { environment: "production", sha: HEAD } };
    refuses(() => subjectOfEvent(production), "EVENT_INVALID", /of no canary/);
    refuses(
      () => subjectOfEvent({ repository, inputs: { pr: "7; id", head: HEAD } }),
      "EVENT_INVALID",
      /no number/,
    );
    refuses(
      () => subjectOfEvent({ repository, inputs: { pr: "7", head: "main" } }),
      "EVENT_INVALID",
      /no commit/,
    );
  });

  it("is found or refused, whatever the event: never another error", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (event) => {
        try {
          subjectOfEvent(event);
        } catch (error) {
          assert.ok(error instanceof PerchError);
        }
      }),
    );
  });
});

describe("what is named by hand", () => {
  it("is a full commit hash and owner/name, or refused", () => {
    assert.equal(checkedHead(HEAD), HEAD);
    assert.equal(checkedRepository("acme/shop.js"), "acme/shop.js");
    for (const head of ["HEAD", HEAD.slice(1), HEAD.toUpperCase(), `${HEAD}\n`, "--upload-pack=x"]) {
      refuses(() => checkedHead(head), "USAGE", /40 hex digits/);
    }
    for (const repo of ["shop", "acme/", "-x/shop", "acme/shop/x", "../shop"]) {
      refuses(() => checkedRepository(repo), "USAGE", /owner\/name/);
    }
  });

  it("trusts a branch of the repository by a person, in any case of its name", () => {
    assert.equal(isTrusted({ repo: "Acme/Shop", source: "acme/shop", isBot: false }), true);
    assert.equal(isTrusted({ repo: "acme/shop", source: "acme/shop", isBot: true }), false);
  });
});
