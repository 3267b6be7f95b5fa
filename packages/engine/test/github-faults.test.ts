import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { find, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { REPO, startGithubEngine, startTestGithub, type TestGithub, TOKEN } from "./support/github.ts";
import { eventually } from "./support/processes.ts";
import { behaviour } from "./support/repository.ts";

const says = (what: string) => behaviour({ says: what });

const ADMIN = `
  admin:
    repo: acme/test
    path: services/admin
    protocol: http
    edge: /admin
    local: { start: exec node server.js, ready: /ready }
`;

describe("an engine whose GitHub fails", () => {
  let github: TestGithub;
  let test: TestEngine;

  beforeEach(async () => {
    github = await startTestGithub();
    await github.open(says("one"));
    test = await startGithubEngine(github, {
      interval: 50,
      github: { identity: { token: TOKEN }, timeout: 3_000 },
    });
    await test.untilState("web-canary-pr-1", "ready");
  });
  afterEach(async () => {
    await test.close();
    await github.close();
  });

  const outages = [
    { kind: "status", status: 500 },
    { kind: "status", status: 404 },
    { kind: "slow", milliseconds: 60_000 },
    { kind: "bad-json" },
    { kind: "empty-list" },
    { kind: "secondary-limit", seconds: 1 },
    { kind: "primary-limit", seconds: 1 },
  ] as const;
  for (const outage of outages) {
    it(`keeps every canary, says what is wrong, and goes on afterwards: ${JSON.stringify(outage)}`, async () => {
      const { pid } = find(test.engine.status(), "web-canary-pr-1") ?? {};
      await github.during(outage, async () => {
        await test.until("it is told", ({ problems }) =>
          problems.some(({ code }) => code === "SOURCE_UNREACHABLE"),
        );
        assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one");
        await github.open(says("two"));
      });
      await test.untilState("web-canary-pr-2", "ready");
      await test.until("all is well", ({ problems }) => problems.length === 0);
      assert.equal(find(test.engine.status(), "web-canary-pr-1")?.pid, pid);
    });
  }

  it("runs after a restart what ran before, while GitHub is still down", async (t) => {
    const { stateDir } = test;
    await test.engine.close();
    await github.during({ kind: "status", status: 503 }, async () => {
      const again = await startGithubEngine(github, { interval: 50, stateDir });
      t.after(() => again.engine.close());
      await again.untilState("web-canary-pr-1", "ready");
      assert.equal((await again.get("/", { "x-canary": "1" })).json.says, "one");
      await again.untilState("web", "ready");
      assert.equal((await again.get("/")).json.says, "stable");
    });
  });

  it("closes nothing after a restart because of an empty list", async (t) => {
    const { stateDir } = test;
    await test.engine.close();
    await github.during({ kind: "empty-list" }, async () => {
      const again = await startGithubEngine(github, { interval: 50, stateDir });
      t.after(() => again.engine.close());
      await again.until("the list is refused", ({ problems }) =>
        problems.some(({ message }) => /leaves out pull request 1, which is open/.test(message)),
      );
      await again.untilState("web-canary-pr-1", "ready");
      assert.equal((await again.get("/", { "x-canary": "1" })).json.says, "one");
    });
  });

  it("converges by polling alone, whatever becomes of webhooks", async () => {
    await github.open(says("two"));
    await test.untilState("web-canary-pr-2", "ready");
    await github.control.close(REPO, 1);
    await test.until("it is gone", (status) => find(status, "web-canary-pr-1") === undefined);
  });
});

describe("a force-push during a build", () => {
  it("ends the build and takes up what was pushed, also if that is an earlier commit", async (t) => {
    const build = "if [ -e slow ]; then exec sleep 3600; fi";
    const github = await startTestGithub();
    const yaml = WEB_CONFIG.replace("local: {", `local: { build: "${build}",`);
    t.after(() => github.close());
    const test = await startGithubEngine(github, { interval: 50 }, yaml);
    t.after(() => test.close());
    const number = await github.open(says("first"));
    const name = `web-canary-pr-${number}`;
    const first = (await test.untilState(name, "ready")).revision;
    await github.push(number, { ...says("never"), "services/web/slow": "" });
    await test.until("it builds", (status) => find(status, name)?.next?.state === "building");
    const [listed] = await github.control.list();
    const head = execFileSync("git", ["rev-parse", first], {
      cwd: github.repository.remote,
      encoding: "utf8",
    });
    assert.notEqual(listed?.head, head.trim());
    await github.control.push(REPO, number, head.trim());
    await test.until("nothing else is built", (status) => {
      const canary = find(status, name);
      return canary?.revision === first && canary.next === undefined;
    });
    assert.equal((await test.get("/", { "x-canary": `${number}` })).json.says, "first");
    await eventually(async () => {
      const instances = await readdir(join(test.stateDir, "instances"));
      assert.equal(instances.filter((one) => one.includes(`-pr-${number}-`)).length, 1);
    });
  });
});

describe("pull requests that change what services there are", () => {
  let github: TestGithub;
  let test: TestEngine;

  before(async () => {
    github = await startTestGithub();
    test = await startGithubEngine(github, { interval: 50 });
    await test.untilState("web", "ready");
  });
  after(async () => {
    await test.close();
    await github.close();
  });

  it("that break perch.yaml or add a service to it change nothing but their own files", async () => {
    await github.open({ "perch.yaml": "[[[" });
    await github.open({ "perch.yaml": WEB_CONFIG + ADMIN, "services/admin/server.js": "" });
    const { pullRequests } = await test.until("they are seen", (status) => status.pullRequests.length === 2);
    for (const { skipped } of pullRequests) assert.match(skipped ?? "", /changes no path of a service/);
  });

  it("that remove or rename a service's folder get a canary that fails, says why, and never answers as stable", async () => {
    const gone = { "services/web/server.js": undefined, "services/web/behaviour.json": undefined };
    const removed = await github.open(gone);
    const renamed = await github.open({ ...gone, "services/shop/server.js": "" });
    for (const number of [removed, renamed]) {
      const { failure } = await test.untilState(`web-canary-pr-${number}`, "failed");
      assert.ok(failure !== undefined);
      assert.equal((await test.get("/", { "x-canary": `${number}` })).status, 503);
    }
    assert.equal((await test.get("/")).json.says, "stable");
  });
});
