import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Answer, json } from "../src/github/answer.ts";
import { startClock } from "../src/github/history.ts";
import { LIES, type Lie, lie } from "../src/github/lies.ts";
import { parseOutage } from "../src/github/outage.ts";
import { Quota } from "../src/github/quota.ts";

const truth = json(200, [1, 2, 3, 4, 5], { link: '<x>; rel="next"' });
const told = (one: Lie, target = "/repos/a/b/pulls?page=1"): Answer => lie(one, target, truth);

describe("a fake GitHub that lies", () => {
  it("cuts or empties lists of pull requests, with no word of a further page, and nothing else", () => {
    assert.equal(told({ kind: "cut-list" }).body, "[1,2]");
    assert.equal(told({ kind: "empty-list" }).body, "[]");
    assert.equal(told({ kind: "cut-list" }).headers.link, undefined);
    for (const kind of ["cut-list", "empty-list", "error-as-list"] as const)
      assert.equal(told({ kind }, "/repos/a/b/pulls/7"), truth);
  });

  it("answers 200 with what is no document", () => {
    const { status, body } = told({ kind: "bad-json" });
    assert.equal(status, 200);
    assert.throws(() => JSON.parse(body));
  });

  it("refuses by its limits in the two ways that GitHub has", () => {
    const primary = told({ kind: "primary-limit", seconds: 60 });
    assert.deepEqual([primary.status, primary.headers["x-ratelimit-remaining"]], [403, "0"]);
    assert.equal(told({ kind: "secondary-limit", seconds: 7 }).headers["retry-after"], "7");
    assert.equal(told({ kind: "secondary-limit" }).headers["retry-after"], undefined);
  });

  it("takes every lie that it knows as an outage", () => {
    for (const kind of LIES) assert.deepEqual(parseOutage({ kind }), { kind });
  });
});

describe("what the fake counts", () => {
  it("is every answer but 304", () => {
    const quota = new Quota();
    const left = (status: number) => quota.counted({ ...truth, status }).headers["x-ratelimit-remaining"];
    assert.deepEqual([left(200), left(304), left(404)], ["4999", "4999", "4998"]);
  });

  it("are whole seconds that are never the same twice", () => {
    const now = startClock();
    const times = [now(), now(), now()];
    assert.equal(new Set(times).size, 3);
    assert.ok(times.every((time) => time % 1000 === 0));
  });
});
