import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { localInventory } from "@perch/engine/state";
import { startTestEngine, WEB_CONFIG } from "./support/engine.ts";
import { eventually, groupLives } from "./support/processes.ts";
import { behaviour, makeRepository } from "./support/repository.ts";

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

describe("builds of many pull requests at once", () => {
  it("are so many at a time as canary.maxBuilds says, and all come to their end", async (t) => {
    const yaml = `${WEB_CONFIG.replace("local: {", "local: { build: 'sh ./build.sh',")}canary: { maxBuilds: 3 }\n`;
    const repository = await makeRepository({ "services/web/build.sh": "sleep 1\n" });
    t.after(() => repository.remove());
    const test = await startTestEngine(repository, {}, yaml);
    t.after(() => test.close());
    await test.engine.settled();
    let most = 0;
    const stop = test.engine.onStatus(() => {
      const canaries = test.engine.status().services[0]?.canaries ?? [];
      most = Math.max(most, canaries.filter(({ state }) => state === "building").length);
    });
    const open = Array.from({ length: 8 }, (_, index) => index + 1);
    await repository.pushMany(open, [], behaviour({ says: "many" }));
    await test.until("all are ready", ({ services }) => {
      const canaries = services[0]?.canaries ?? [];
      return canaries.length === open.length && canaries.every(({ state }) => state === "ready");
    });
    stop();
    // One of the three places is stable's.
    assert.equal(most, 2);
  });
});

describe("a build that never ends", () => {
  it("fails after local.buildTimeout, and its processes are ended", async () => {
    const yaml = WEB_CONFIG.replace("local: {", "local: { buildTimeout: 10s, build: 'sh ./build.sh',");
    const repository = await makeRepository({ "services/web/build.sh": "exit 0\n" });
    const test = await startTestEngine(repository, {}, yaml);
    await test.engine.settled();
    await repository.pushPullRequest(1, { "services/web/build.sh": "sleep 1000 & sleep 1000\n" });
    await test.untilState("web-canary-pr-1", "building");
    const instances = join(test.stateDir, "instances");
    const [id = ""] = (await readdir(instances)).filter((name) => name.includes("-pr-1-"));
    const record = await eventually(() => readFile(join(instances, id, "process.json"), "utf8"));
    const { pid } = JSON.parse(record) as { pid: number };
    assert.equal(groupLives(pid), true);
    const { failure } = await test.untilState("web-canary-pr-1", "failed");
    assert.equal(failure?.code, "BUILD_FAILED");
    assert.match(failure?.message ?? "", /did not end within/);
    await eventually(async () => {
      assert.equal(groupLives(pid), false);
      const { processes } = await localInventory(test.stateDir);
      assert.deepEqual(
        processes.filter(({ owner }) => owner === `instances/${id}`),
        [],
      );
    });
    await test.close();
    await repository.remove();
  });
});

describe("two pushes, one after the other", () => {
  it("while the first still installs what both need: the second installs it, and serves", async () => {
    const yaml = WEB_CONFIG.replace("local: {", "local: { install: 'sh ../../install.sh',");
    // Its lock file is beside the service, so the install runs there.
    const install = "mkdir -p node_modules/x; [ -e ../../slow ] && touch ../../begun && sleep 1000; exit 0\n";
    const repository = await makeRepository({
      "install.sh": install,
      "services/web/package-lock.json": "{}",
    });
    const test = await startTestEngine(repository, {}, yaml);
    await test.engine.settled();
    const lock = { "services/web/package-lock.json": '{"of":1}' };
    await repository.pushPullRequest(1, { ...behaviour({ says: "first" }), ...lock, slow: "" });
    await test.untilState("web-canary-pr-1", "installing");
    await repository.pushPullRequest(1, { ...behaviour({ says: "second" }), ...lock, slow: undefined });
    await test.untilState("web-canary-pr-1", "ready");
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "second");
    await test.close();
    await repository.remove();
  });
});

describe("a pull request that closes while it is built", () => {
  it("ends its build with all its processes, and nothing of it is left; what it ran was written down", async () => {
    const yaml = WEB_CONFIG.replace("local: {", "local: { build: 'sh ./build.sh',");
    const repository = await makeRepository({ "services/web/build.sh": "exit 0\n" });
    const test = await startTestEngine(repository, {}, yaml);
    await test.engine.settled();
    await repository.pushPullRequest(1, { "services/web/build.sh": "sleep 1000 & sleep 1000\n" });
    await test.untilState("web-canary-pr-1", "building");
    const folder = join(test.stateDir, "instances");
    const [id = ""] = (await readdir(folder)).filter((name) => name.includes("-pr-1-"));
    const record = await eventually(() => readFile(join(folder, id, "process.json"), "utf8"));
    const { pid } = JSON.parse(record) as { pid: number };
    assert.equal(groupLives(pid), true);
    await repository.closePullRequest(1);
    await eventually(async () => {
      if ((await readdir(folder)).includes(id)) throw new Error("its folder is still there");
    });
    assert.equal(groupLives(pid), false);
    await test.close();
    await repository.remove();
  });
});
