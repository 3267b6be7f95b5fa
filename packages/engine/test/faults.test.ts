import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { request } from "undici";
import { findSandbox } from "../src/processes/sandbox.ts";
import { find, startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { groupLives } from "./support/processes.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

/** A failing canary, and stable and another canary that must not notice. */
describe("a pull request that misbehaves", () => {
  let repository: TestRepository;
  let test: TestEngine;

  before(async () => {
    repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    test = await startTestEngine(
      repository,
      {},
      WEB_CONFIG.replace("readyTimeout: 60s", "readyTimeout: 15s"),
    );
    await test.engine.settled();
  });
  afterEach(async () => {
    assert.equal((await test.get("/")).json.says, "stable", "stable went on answering");
    assert.equal(
      (await test.get("/", { "x-canary": "1" })).json.says,
      "one",
      "the other canary went on answering",
    );
  });
  after(async () => {
    await test.close();
    await repository.remove();
  });

  /** A canary ends while it answers. A write: a read would be sent to the process that is started again, and end that too. */
  async function die(pr: number): Promise<void> {
    const [edge] = test.engine.status().edge.listening;
    const { statusCode, body } = await request(`http://${edge}/die`, {
      method: "POST",
      headers: { "x-canary": String(pr) },
    });
    await body.dump();
    assert.equal(statusCode, 502);
  }

  async function failureOf(number: number) {
    const { failure } = await test.untilState(`web-canary-pr-${number}`, "failed");
    assert.ok(failure !== undefined);
    return failure;
  }

  it("by exiting at once: its requests get 503, and the status shows the log's tail", async () => {
    await repository.pushPullRequest(2, behaviour({ exitAtOnce: true }));
    const failure = await failureOf(2);
    assert.equal(failure.code, "START_FAILED");
    assert.match(failure.message, /exit code 3 before it was ready/);
    assert.match(failure.logTail.join("\n"), /giving up: the fixture was told to/);
    assert.equal(failure.fault, "pull-request");
    const answer = await test.get("/", { "x-canary": "2" });
    assert.equal(answer.status, 503);
    assert.ok(answer.headers["retry-after"] !== undefined);
    assert.match(answer.text, /PR 2|pr-2/);
  });

  it("by never getting ready", async () => {
    await repository.pushPullRequest(3, behaviour({ neverReady: true }));
    const failure = await failureOf(3);
    assert.equal(failure.code, "START_TIMEOUT");
    assert.match(failure.message, /2xx on \/ready .* within 15 s/);
    assert.equal((await test.get("/", { "x-canary": "3" })).status, 503);
  });

  it("by hanging before it listens", async () => {
    await repository.pushPullRequest(4, behaviour({ hang: true }));
    assert.equal((await failureOf(4)).code, "START_TIMEOUT");
  });

  it("by a service folder that is not there", async () => {
    await repository.pushPullRequest(5, {
      "services/web/server.js": undefined,
      "services/web/behaviour.json": undefined,
    });
    const failure = await failureOf(5);
    assert.equal(failure.code, "CHECKOUT_FAILED");
    assert.match(failure.message, /no folder services\/web/);
  });

  it("by dying while it serves: it is started again, and that is visible", async () => {
    await repository.pushPullRequest(6, behaviour({ says: "six" }));
    const { pid } = await test.untilState("web-canary-pr-6", "ready");
    await die(6);
    const failed = await test.untilState("web-canary-pr-6", "failed");
    assert.match(failed.failure?.message ?? "", /exit code 7 while it served/);
    const again = await test.untilState("web-canary-pr-6", "ready");
    assert.equal(again.restarts, 1);
    assert.notEqual(again.pid, pid);
    assert.equal((await test.get("/", { "x-canary": "6" })).json.says, "six");
  });

  it("by dying under reads: they wait until it is started again, and none fails", async () => {
    await repository.pushPullRequest(16, behaviour({ says: "sixteen" }));
    for (const [headers, name] of [
      [{}, "web"] as const,
      [{ "x-canary": "16" }, "web-canary-pr-16"] as const,
    ]) {
      const { pid = 0 } = await test.untilState(name, "ready");
      const { run } = (await test.get("/", headers)).json;
      const reader = async () => {
        for (;;) {
          const { status, json, text } = await test.get("/", headers);
          assert.equal(status, 200, text);
          if (json.run !== run) return;
        }
      };
      const readers = Array.from({ length: 4 }, reader);
      process.kill(-pid, "SIGKILL");
      await Promise.all(readers);
    }
  });

  it("by dying while a child of it lives on: the child is ended before it starts again, and requests wait for that", async () => {
    await repository.pushPullRequest(9, behaviour({ says: "nine", children: true }));
    const { pid = 0 } = await test.untilState("web-canary-pr-9", "ready");
    await die(9);
    await test.untilState("web-canary-pr-9", "failed");
    // The child ignores SIGTERM: it is still there, where it does not end with its namespace.
    const { holdsProcesses } = await findSandbox();
    assert.equal(groupLives(pid), !holdsProcesses);
    assert.equal((await test.get("/", { "x-canary": "9" })).json.says, "nine");
    const again = await test.untilState("web-canary-pr-9", "ready");
    assert.equal(groupLives(pid), false);
    assert.equal(again.restarts, 1);
  });

  it("by ignoring SIGTERM and leaving children: closing it ends the whole group", async () => {
    await repository.pushPullRequest(7, behaviour({ ignoreSigterm: true, children: true }));
    const { pid = 0 } = await test.untilState("web-canary-pr-7", "ready");
    process.kill(-pid, 0);
    await repository.closePullRequest(7);
    await test.until("PR 7 is gone", (status) => find(status, "web-canary-pr-7") === undefined);
    for (let i = 0; i < 200 && groupLives(pid); i += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(groupLives(pid), false);
  });

  it("by failing after a revision that served: the old one goes on serving", async () => {
    await repository.pushPullRequest(8, behaviour({ says: "eight" }));
    const { revision } = await test.untilState("web-canary-pr-8", "ready");
    await repository.pushPullRequest(8, behaviour({ exitAtOnce: true }));
    await test.until(
      "the new one failed",
      (status) => find(status, "web-canary-pr-8")?.failure !== undefined,
    );
    const canary = find(test.engine.status(), "web-canary-pr-8");
    assert.deepEqual([canary?.state, canary?.revision, canary?.next?.state], ["ready", revision, "failed"]);
    assert.equal((await test.get("/", { "x-canary": "8" })).json.says, "eight");
    await repository.pushPullRequest(8, behaviour({ says: "eight, mended" }));
    await test.until("mended", (status) => find(status, "web-canary-pr-8")?.revision !== revision);
    assert.equal((await test.get("/", { "x-canary": "8" })).json.says, "eight, mended");
  });
});
