import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { age, renderStatus } from "../../src/output/render-status.ts";
import { shopStatus, variant } from "../support.ts";

const render = (...args: Parameters<typeof shopStatus>) =>
  stripVTControlCharacters(renderStatus(shopStatus(...args), { now: 61_000 }));

describe("the picture of a status", () => {
  it("has a row for each variant: state, revision, since when, where", () => {
    const text = render();
    assert.match(text, /^SERVICE +PR +STATE +REVISION +FOR +ADDRESS +URL$/m);
    assert.match(
      text,
      /^api +stable +ready +aaaaaaaaaaaa +1m +127\.0\.0\.1:4000 +http:\/\/localhost:8080\/$/m,
    );
    assert.match(text, /^ +#2 +ready +aaaaaaaaaaaa/m);
  });

  it("offers what to try once all is settled, and not before", () => {
    assert.match(render(), /curl -i -H 'X-Canary: api=2,store=1' http:\/\/localhost:8080\/api\/items/);
    const working = render({ settled: false });
    assert.match(working, /working…/);
    assert.doesNotMatch(working, /curl/);
  });

  it("says why a pull request has no canary", () => {
    assert.match(render(), /#3 Docs +→ no canary: It changes no path\./);
  });

  it("says so once for many that have none for the same reason", () => {
    const [one] = shopStatus().pullRequests;
    const skipped = "It has no label canary.";
    const many = Array.from({ length: 300 }, (_, i) => ({
      repo: "a/b",
      number: i + 10,
      head: "b",
      title: "T",
      services: [],
      skipped,
    }));
    const text = render({ pullRequests: [...(one === undefined ? [] : [one]), ...many] });
    assert.match(text, /^300 pull requests +→ no canary: It has no label canary\.$/m);
    assert.match(text, /#3 Docs/);
    assert.doesNotMatch(text, /#10 /);
  });

  it("names GitHub as the source, and what its API was used for", () => {
    assert.doesNotMatch(render(), /GitHub/);
    const api = { requests: 12, unmodified: 9, remaining: 4997, limit: 5000 };
    const text = render({
      sources: [{ repo: "acme/shop", remote: "https://github.com/acme/shop.git", lastSeen: 1, api }],
    });
    assert.match(text, /^shop .*source GitHub$/m);
    assert.match(
      text,
      /^acme\/shop: 12 requests to GitHub within the hour, 9 of them free \(304\); 4997 of 5000 left$/m,
    );
  });

  it("shows a problem with its code, what to do, and the log's last lines", () => {
    const failure = {
      code: "BUILD_FAILED",
      message: "The build failed.",
      hint: "Read the log.",
      fault: "pull-request",
      at: 1,
      logTail: ["boom"],
    } as const;
    const { at: _at, logTail: _tail, ...problem } = failure;
    const base = shopStatus();
    const api = {
      service: "api",
      protocol: "http" as const,
      stable: variant({ service: "api" }),
      canaries: [variant({ service: "api", pr: 2, state: "failed", failure })],
    };
    const text = render({ ...base, services: [api], problems: [{ ...problem, variant: "api-canary-pr-2" }] });
    assert.match(text, /✗ The build failed\. BUILD_FAILED\n +│ boom\n +Read the log\./);
  });

  it("takes what could rewrite the terminal out of a log line, which a pull request printed", () => {
    const failure = {
      code: "START_FAILED",
      message: "m",
      hint: "h",
      fault: "pull-request",
      at: 1,
      logTail: ["\u001b]0;owned\u0007\u001b[2J"],
    } as const;
    const api = {
      service: "api",
      protocol: "http" as const,
      stable: variant({ service: "api", failure }),
      canaries: [],
    };
    const text = renderStatus(shopStatus({ services: [api], problems: [failure] }), { now: 0 });
    assert.equal(text.includes("\u001b]0;"), false);
    assert.equal(text.includes("\u001b[2J"), false);
  });

  it("shows the next revision beside the one that serves", () => {
    const next = { revision: "bbbbbbbbbbbb", state: "building", since: 0 } as const;
    const api = {
      service: "api",
      protocol: "http" as const,
      stable: variant({ service: "api", next }),
      canaries: [],
    };
    assert.match(render({ services: [api] }), /aaaaaaaaaaaa → bbbbbbbbbbbb building/);
  });
});

describe("an age", () => {
  it("has one unit", () => {
    assert.deepEqual([-5, 0, 59_999, 60_000, 7_200_000, 172_800_000].map(age), [
      "0s",
      "0s",
      "59s",
      "1m",
      "2h",
      "2d",
    ]);
  });
});
