import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TimelineEntry } from "@perch/core";
import { request } from "undici";
import { find, startTestEngine } from "../support/engine.ts";
import { behaviour, makeRepository } from "../support/repository.ts";

describe("GET /api/timeline", () => {
  it("tells a canary's life: opened, built, ready, pushed, rolled, and nothing once it is gone", async (t) => {
    const repository = await makeRepository();
    t.after(() => repository.remove());
    const test = await startTestEngine(repository);
    t.after(() => test.close());
    const kinds = async () => {
      const { body } = await request(`${test.engine.statusUrl}/api/timeline?service=web&pr=1`);
      return ((await body.json()) as { entries: TimelineEntry[] }).entries.map(({ kind }) => kind);
    };
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    await test.untilState("web-canary-pr-1", "ready");
    assert.deepEqual(await kinds(), ["opened", "built", "ready"]);
    const head = await repository.pushPullRequest(1, behaviour({ says: "two" }));
    await test.until("it rolled", (now) => find(now, "web-canary-pr-1")?.revision === head.slice(0, 12));
    assert.deepEqual((await kinds()).slice(3), ["pushed", "built", "rolled"]);
    await repository.closePullRequest(1);
    await test.until("it is gone", (now) => find(now, "web-canary-pr-1") === undefined);
    assert.deepEqual(await kinds(), []);
    for (const query of ["", "service=web&pr=x", "service=web&pr=0"])
      assert.equal((await request(`${test.engine.statusUrl}/api/timeline?${query}`)).statusCode, 400, query);
  });
});
