import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { request } from "undici";
import { ownedProcesses } from "../src/processes/strays.ts";
import { find, startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { eventually, groupLives } from "./support/processes.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

const SLEEPY = `${WEB_CONFIG}canary: { idle: 1s }\n`;

describe("a canary that nobody asks for", () => {
  let repository: TestRepository;
  let test: TestEngine;
  before(async () => {
    repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    test = await startTestEngine(repository, {}, SLEEPY);
    await test.engine.settled();
  });
  after(async () => {
    await test.close();
    await repository.remove();
  });

  const asleep = () => test.untilState("web-canary-pr-1", "sleeping");
  const processesOf = async () =>
    (await ownedProcesses(join(test.stateDir, "instances"))).filter(({ owner }) => owner.includes("-pr-1-"));

  it("sleeps: it has no process, and stable goes on", async () => {
    const { pid, address } = await asleep();
    assert.deepEqual([pid, address], [undefined, undefined]);
    await eventually(async () => assert.deepEqual(await processesOf(), []));
    assert.equal((await test.get("/")).json.says, "stable");
    assert.equal(test.engine.status().settled, true);
  });

  it("is not woken by a probe or a scrape, which are told that it sleeps", async () => {
    await asleep();
    for (const path of ["/ready", "/metrics", "/healthz"]) {
      const answer = await test.get(path, { "x-canary": "1" });
      assert.equal(answer.status, 503);
      assert.match(answer.text, /sleeping/);
      assert.ok(answer.headers["retry-after"] !== undefined);
    }
    assert.equal(find(test.engine.status(), "web-canary-pr-1")?.state, "sleeping");
  });

  it("wakes for the first requests, which wait; all of them are served by one process", async () => {
    await asleep();
    const answers = await Promise.all(Array.from({ length: 20 }, () => test.get("/", { "x-canary": "1" })));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.deepEqual(new Set(answers.map(({ json }) => json.says)), new Set(["one"]));
    assert.equal(new Set(answers.map(({ json }) => json.run)).size, 1);
  });

  it("wakes by its share link too, and a body that was sent meanwhile arrives whole", async () => {
    await asleep();
    const response = await request(`http://${test.engine.status().edge.listening[0]}/`, {
      method: "POST",
      headers: { host: "pr-1.localhost" },
      body: "x".repeat(300_000),
    });
    assert.equal(response.statusCode, 200);
    assert.match(await response.body.text(), /"says":"one"/);
  });

  it("says on its timeline when it slept and when it woke", async () => {
    await asleep();
    const { engine } = test;
    const response = await request(`${engine.statusUrl}/api/timeline?service=web&pr=1`);
    const { entries } = (await response.body.json()) as { entries: { kind: string }[] };
    const kinds = entries.map(({ kind }) => kind);
    assert.ok(kinds.includes("slept") && kinds.includes("woke"), kinds.join(" "));
    assert.equal(kinds[0], "opened");
  });

  it("builds a new head, and sleeps again", async () => {
    await asleep();
    const head = await repository.pushPullRequest(1, behaviour({ says: "one again" }));
    await test.until("the new revision sleeps", (status) => {
      const canary = find(status, "web-canary-pr-1");
      return canary?.revision === head.slice(0, 12) && canary.state === "sleeping";
    });
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one again");
  });

  it("goes for good while it sleeps when its pull request closes", async () => {
    await asleep();
    await repository.closePullRequest(1);
    await eventually(async () => {
      const names = await readdir(join(test.stateDir, "instances"));
      assert.equal(names.filter((name) => name.includes("-pr-1-")).length, 0);
    });
  });
});

describe("a request that is under way", () => {
  it("keeps its canary awake for as long as it goes on", async () => {
    const repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one", slow: 6_000 }));
    const test = await startTestEngine(repository, {}, SLEEPY.replace("1s", "3s"));
    const { pid = 0 } = await test.untilState("web-canary-pr-1", "ready");
    const answer = await test.get("/slow", { "x-canary": "1" });
    assert.equal(answer.text, "slow");
    assert.equal(groupLives(pid), true, "it is still the same process");
    await test.close();
    await repository.remove();
  });
});

describe("a canary that does not get ready when it wakes", () => {
  it("answers 503 with Retry-After when the wait is over", async () => {
    const repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one", readyOnce: true }));
    const test = await startTestEngine(repository, { wakeTimeout: 300 }, SLEEPY);
    await test.untilState("web-canary-pr-1", "sleeping");
    const answer = await test.get("/", { "x-canary": "1" });
    assert.equal(answer.status, 503);
    assert.ok(answer.headers["retry-after"] !== undefined);
    assert.match(answer.text, /"pr":1/);
    await test.close();
    await repository.remove();
  });
});

describe("a canary without a push or a request for canary.ttl", () => {
  it("goes, says why, stays gone over a restart of the engine, and comes back with a push", async () => {
    const repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    const yaml = `${WEB_CONFIG}canary: { idle: 500ms, ttl: 6s }\n`;
    const first = await startTestEngine(repository, {}, yaml);
    const isSkipped = (test: TestEngine) =>
      test.until("PR 1 is skipped", ({ pullRequests }) => pullRequests[0]?.skipped !== undefined);
    const { pullRequests } = await isSkipped(first);
    assert.match(pullRequests[0]?.skipped ?? "", /canary\.ttl; a push brings it back/);
    await first.engine.close();
    const test = await startTestEngine(repository, { stateDir: first.stateDir }, yaml);
    await isSkipped(test);
    assert.equal((await test.get("/", { "x-canary": "1" })).json.pr, undefined);
    await repository.pushPullRequest(1, behaviour({ says: "newer" }));
    // Where its start takes longer than that, it goes again before it is ready.
    await test.until("it is back", (status) => find(status, "web-canary-pr-1") !== undefined);
    await test.close();
    await repository.remove();
  });
});

describe("more canaries than may run at once", () => {
  it("sleep, those first that nobody used for longest, and wake in each other's place", async (t) => {
    const repository = await makeRepository();
    t.after(() => repository.remove());
    const crowded = `${WEB_CONFIG}canary: { idle: 1h, maxRunning: 2 }\n`;
    const test = await startTestEngine(repository, {}, crowded);
    t.after(() => test.close());
    for (const pr of [1, 2]) {
      await repository.pushPullRequest(pr, behaviour({ says: `${pr}` }));
      await test.untilState(`web-canary-pr-${pr}`, "ready");
    }
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "1");
    await repository.pushPullRequest(3, behaviour({ says: "3" }));
    await test.untilState("web-canary-pr-3", "ready");
    await test.untilState("web-canary-pr-2", "sleeping");
    for (const pr of [2, 1, 3, 2]) {
      assert.equal((await test.get("/", { "x-canary": `${pr}` })).json.says, `${pr}`);
      await test.until(
        "two run",
        ({ services }) => services[0]?.canaries.filter(({ state }) => state === "sleeping").length === 1,
      );
    }
    assert.equal((await test.get("/")).json.says, "stable");
  });

  it("come in a burst, and are asked for all at once, without ever being more than may run", async (t) => {
    const repository = await makeRepository();
    t.after(() => repository.remove());
    const crowded = `${WEB_CONFIG}canary: { idle: 1h, maxRunning: 2 }\n`;
    const test = await startTestEngine(repository, { wakeTimeout: 60_000 }, crowded);
    t.after(() => test.close());
    await test.engine.settled();
    const canaries = () => test.engine.status().services[0]?.canaries ?? [];
    let most = 0;
    t.after(
      test.engine.onStatus(() => {
        most = Math.max(most, canaries().filter(({ pid }) => pid !== undefined).length);
      }),
    );
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
    await repository.pushMany(numbers, [], behaviour({ says: "one of many" }));
    const rests = () =>
      canaries().length === numbers.length &&
      canaries().every(({ state }) => state === "ready" || state === "sleeping");
    await test.until("all were ready once", rests);
    const answers = await Promise.all(numbers.map((pr) => test.get("/", { "x-canary": `${pr}` })));
    assert.deepEqual(
      answers.map(({ status, json }) => [status, json.pr]),
      numbers.map((pr) => [200, `${pr}`]),
    );
    assert.equal(most, 2);
  });

  it("wait for one that is in use, say so, and roll in its place", async (t) => {
    const repository = await makeRepository();
    t.after(() => repository.remove());
    const crowded = `${WEB_CONFIG}canary: { idle: 1h, maxRunning: 1 }\n`;
    await repository.pushPullRequest(1, behaviour({ says: "1", slow: 3_600_000 }));
    const test = await startTestEngine(repository, {}, crowded);
    t.after(() => test.close());
    await test.untilState("web-canary-pr-1", "ready");
    const leaving = new AbortController();
    const address = test.engine.status().edge.listening[0];
    const stream = fetch(`http://${address}/slow`, { headers: { "x-canary": "1" }, signal: leaving.signal });
    await repository.pushPullRequest(2, behaviour({ says: "2" }));
    await test.until("it waits", ({ problems }) => problems.some(({ code }) => code === "CANARIES_WAIT"));
    const newer = await repository.pushPullRequest(1, behaviour({ says: "1, newer" }));
    await test.untilRevision(1, newer.slice(0, 12));
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "1, newer");
    leaving.abort();
    await assert.rejects(stream);
    await test.untilState("web-canary-pr-2", "ready");
    assert.equal((await test.get("/", { "x-canary": "2" })).json.says, "2");
    await test.until("nobody waits", ({ problems }) => problems.length === 0);
  });
});
