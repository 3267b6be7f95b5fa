import assert from "node:assert/strict";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { find, startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { eventually } from "./support/processes.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

/** Two services of the same code; the first calls the second. */
const WITH_BACK = `${WEB_CONFIG.replace("local:", "calls: { BACK: back }\n    local:")}  back:
    repo: acme/test
    path: services/web
    protocol: http
    local: { start: exec node server.js, ready: /ready, readyTimeout: 60s, stopTimeout: 1s }
`;

describe("an engine on a real repository", () => {
  let repository: TestRepository;
  let test: TestEngine;

  before(async () => {
    repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }), "Say one");
    await repository.pushPullRequest(2, { "docs/x.md": "x" }, "Only docs");
    test = await startTestEngine(repository);
    await test.engine.settled();
  });
  after(async () => {
    await test.close();
    await repository.remove();
  });

  it("answers untagged requests from stable", async () => {
    const { json } = await test.get("/");
    assert.deepEqual([json.says, json.pr], ["stable", undefined]);
  });

  it("answers a tagged request from the pull request's canary, which knows who it is", async () => {
    const { json, headers } = await test.get("/", { "x-canary": "1" });
    assert.deepEqual([json.says, json.service, json.pr], ["one", "web", "1"]);
    assert.match(String(headers.vary), /x-canary/i);
  });

  it("answers a share link without a header, and 404 on the link of a pull request without a canary", async () => {
    assert.equal((await test.get("/", { host: "pr-1.localhost" })).json.pr, "1");
    assert.equal((await test.get("/", { host: "pr-2.localhost" })).status, 404);
  });

  it("gives no canary to a pull request that changes no service, and says why", () => {
    const two = test.engine.status().pullRequests.find(({ number }) => number === 2);
    assert.match(two?.skipped ?? "", /changes no path/);
    assert.equal(two?.title, "Only docs");
  });

  it("passes none of its own environment on but a short list", async () => {
    process.env.GITHUB_TOKEN_OF_TEST = "secret";
    const { json } = await test.get("/");
    delete process.env.GITHUB_TOKEN_OF_TEST;
    assert.ok(json.env?.includes("PATH"));
    assert.equal(json.env?.includes("GITHUB_TOKEN_OF_TEST"), false);
  });

  it("rolls on a push without one failed request", async () => {
    const before = find(test.engine.status(), "web-canary-pr-1")?.revision;
    let running = true;
    const failures: string[] = [];
    const seen = new Set<string | undefined>();
    const load = Array.from({ length: 8 }, async () => {
      while (running) {
        const answer = await test.get("/", { "x-canary": "1" }).catch((error: Error) => error);
        if (answer instanceof Error) failures.push(answer.message);
        else if (answer.status !== 200 || answer.json.pr !== "1")
          failures.push(`${answer.status} ${answer.text}`);
        else seen.add(answer.json.says);
      }
    });
    const head = await repository.pushPullRequest(1, behaviour({ says: "one again" }));
    await test.until("the new revision serves alone", (status) => {
      const canary = find(status, "web-canary-pr-1");
      return canary?.revision === head.slice(0, 12) && canary.state === "ready";
    });
    await test.until("the old one is gone", () => seen.has("one again"));
    running = false;
    await Promise.all(load);
    assert.deepEqual(failures, []);
    assert.deepEqual([...seen], ["one", "one again"]);
    assert.notEqual(before, head.slice(0, 12));
  });

  it("goes back when an earlier commit is pushed", async () => {
    const first = await repository.pushPullRequest(3, behaviour({ says: "first" }));
    await test.untilState("web-canary-pr-3", "ready");
    await repository.pushPullRequest(3, behaviour({ says: "second" }));
    await test.until(
      "second serves",
      (status) => find(status, "web-canary-pr-3")?.revision !== first.slice(0, 12),
    );
    await repository.forcePush(3, first);
    await test.until(
      "first serves",
      (status) => find(status, "web-canary-pr-3")?.revision === first.slice(0, 12),
    );
    assert.equal((await test.get("/", { "x-canary": "3" })).json.says, "first");
  });

  it("rolls stable when main moves", async () => {
    const head = await repository.commitToMain(behaviour({ says: "stable, newer" }));
    await test.until(
      "stable is at the new head",
      (status) => find(status, "web")?.revision === head.slice(0, 12),
    );
    assert.equal((await test.get("/")).json.says, "stable, newer");
  });

  it("leaves nothing of a closed pull request: no process, worktree, log or route", async () => {
    await repository.pushPullRequest(4, behaviour({ says: "four" }));
    const { pid } = await test.untilState("web-canary-pr-4", "ready");
    await repository.closePullRequest(4);
    await test.until("PR 4 is gone", (status) => find(status, "web-canary-pr-4") === undefined);
    await eventually(async () => {
      const instances = await readdir(join(test.stateDir, "instances"));
      assert.deepEqual(
        instances.filter((name) => name.includes("-pr-4-")),
        [],
      );
    });
    assert.throws(() => process.kill(pid ?? 0, 0), { code: "ESRCH" });
    assert.equal((await test.get("/", { host: "pr-4.localhost" })).status, 404);
    assert.equal((await test.get("/", { "x-canary": "4" })).json.pr, undefined);
  });
});

describe("an engine that ends", () => {
  it("lets requests under way end, to stable and to canaries", async () => {
    const repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one", slow: 1_000 }));
    const test = await startTestEngine(repository);
    await test.engine.settled();
    const underWay = [test.get("/slow"), test.get("/slow", { "x-canary": "1" })];
    // They are there once the next request has been answered.
    await test.get("/");
    await test.engine.close();
    for (const { status, text } of await Promise.all(underWay))
      assert.deepEqual([status, text], [200, "slow"]);
    await test.close();
    await repository.remove();
  });

  it("lets them make the calls that they have yet to make, and takes no new ones meanwhile", async () => {
    const repository = await makeRepository(behaviour({ says: "stable", slow: 1_000 }));
    const test = await startTestEngine(repository, {}, WITH_BACK);
    await test.engine.settled();
    const underWay = test.get("/late-call");
    await test.get("/");
    const closed = test.engine.close();
    await takesNoMore(test);
    assert.deepEqual(await underWay.then(({ status, text }) => [status, text]), [200, "200 back"]);
    await closed;
    await test.close();
    await repository.remove();
  });

  it("does not wait for what is under way when it is hurried", async () => {
    const repository = await makeRepository(behaviour({ says: "stable", slow: 3_600_000 }));
    const hurry = new AbortController();
    const test = await startTestEngine(repository, { drainTimeout: 3_600_000, hurry: hurry.signal });
    await test.engine.settled();
    const cut = assert.rejects(test.get("/slow"));
    await test.get("/");
    const closed = test.engine.close();
    await takesNoMore(test);
    hurry.abort();
    await Promise.all([closed, cut]);
    await test.close();
    await repository.remove();
  });

  it("leaves no process and no worktree behind", async () => {
    const repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one", children: true, ignoreSigterm: true }));
    const test = await startTestEngine(repository);
    const status = await test.engine.settled();
    const pids = [find(status, "web")?.pid, find(status, "web-canary-pr-1")?.pid];
    await test.engine.close();
    for (const pid of pids) assert.throws(() => process.kill(-(pid ?? 0), 0), { code: "ESRCH" });
    assert.deepEqual(await readdir(join(test.stateDir, "instances")), []);
    await assert.rejects(access(join(test.stateDir, "engine.json")));
    await test.close();
    await repository.remove();
  });
});

/** The edge refuses what comes anew. */
function takesNoMore(test: TestEngine): Promise<void> {
  return eventually(() => assert.rejects(test.get("/")));
}
