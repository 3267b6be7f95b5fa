import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile, rename } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { PerchError } from "@perch/core";
import { find, startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

/** A failing canary, and stable and another canary that must not notice. */
describe("a pull request that misbehaves", () => {
  let repository: TestRepository;
  let test: TestEngine;

  before(async () => {
    repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    test = await startTestEngine(repository);
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
    assert.match(failure.message, /2xx on \/ready .* within 2 s/);
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
    await test.get("/die", { "x-canary": "6" }).catch(() => undefined);
    const failed = await test.untilState("web-canary-pr-6", "failed");
    assert.match(failed.failure?.message ?? "", /exit code 7 while it served/);
    const again = await test.untilState("web-canary-pr-6", "ready");
    assert.equal(again.restarts, 1);
    assert.notEqual(again.pid, pid);
    assert.equal((await test.get("/", { "x-canary": "6" })).json.says, "six");
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

function groupLives(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a build that fails", () => {
  it("keeps the old revision, shows the command and the log's tail", async () => {
    const yaml = WEB_CONFIG.replace("local: {", "local: { build: 'sh ./build.sh',");
    const repository = await makeRepository({ "services/web/build.sh": "exit 0\n" });
    const test = await startTestEngine(repository, {}, yaml);
    await test.engine.settled();
    await repository.pushPullRequest(1, { "services/web/build.sh": "echo about to fail; exit 9\n" });
    const { failure } = await test.untilState("web-canary-pr-1", "failed");
    assert.equal(failure?.code, "BUILD_FAILED");
    assert.match(failure?.message ?? "", /exit code 9: sh \.\/build\.sh/);
    assert.ok(failure?.logTail.includes("about to fail"));
    assert.equal((await test.get("/")).json.says, "stable");
    await test.close();
    await repository.remove();
  });
});

describe("a build that never ends", () => {
  it("fails after local.buildTimeout, and its processes are ended", async () => {
    const yaml = WEB_CONFIG.replace("local: {", "local: { buildTimeout: 1s, build: 'sh ./build.sh',");
    const repository = await makeRepository({ "services/web/build.sh": "exit 0\n" });
    const test = await startTestEngine(repository, {}, yaml);
    await test.engine.settled();
    await repository.pushPullRequest(1, { "services/web/build.sh": "echo $$ > pid; sleep 1000\n" });
    const { failure } = await test.untilState("web-canary-pr-1", "failed");
    assert.equal(failure?.code, "BUILD_FAILED");
    assert.match(failure?.message ?? "", /did not end within/);
    const [id = ""] = (await readdir(join(test.stateDir, "instances"))).filter((name) =>
      name.includes("-pr-1-"),
    );
    const pid = Number(
      await readFile(join(test.stateDir, "instances", id, "worktree", "services", "web", "pid"), "utf8"),
    );
    assert.equal(groupLives(pid), false);
    await test.close();
    await repository.remove();
  });
});

describe("a remote", () => {
  it("that goes away keeps every canary, is reported, and is taken up again", async () => {
    const repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    const test = await startTestEngine(repository);
    await test.engine.settled();
    await rename(repository.remote, `${repository.remote}.away`);
    const status = await test.until("the outage is reported", ({ problems }) => problems.length > 0);
    assert.equal(status.problems[0]?.code, "SOURCE_UNREACHABLE");
    assert.match(status.problems[0]?.hint ?? "", /git ls-remote/);
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one");
    await rename(`${repository.remote}.away`, repository.remote);
    await test.until("it answers again", ({ problems }) => problems.length === 0);
    await test.close();
    await repository.remove();
  });

  it("that accepts connections and never answers holds up neither the start nor the end of the engine", async () => {
    const silent = createServer();
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : 0;
    const test = await startTestEngine({ remote: `git://127.0.0.1:${port}/shop.git` });
    const answer = await test.get("/");
    assert.equal(answer.status, 503);
    assert.equal(test.engine.status().settled, false);
    await test.close();
    silent.close();
  });
});

describe("a port in use", () => {
  it("is an error that names the port and the flag, and leaves nothing open", async () => {
    const taken = createServer();
    taken.listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const repository = await makeRepository();
    const isPortInUse = (flag: RegExp) => (error: unknown) =>
      error instanceof PerchError &&
      error.code === "PORT_IN_USE" &&
      error.message.includes(String(port)) &&
      flag.test(error.hint);
    await assert.rejects(startTestEngine(repository, { edgePort: port }), isPortInUse(/--edge-port/));
    await assert.rejects(startTestEngine(repository, { statusPort: port }), isPortInUse(/--status-port/));
    taken.close();
    await repository.remove();
  });
});

describe("a second engine on one state folder", () => {
  it("refuses, and says who holds it", async () => {
    const repository = await makeRepository();
    const test = await startTestEngine(repository);
    await assert.rejects(startTestEngine(repository, { stateDir: test.stateDir }), {
      code: "ENGINE_RUNNING",
      message: new RegExp(String(process.pid)),
    });
    await test.close();
    await repository.remove();
  });
});
