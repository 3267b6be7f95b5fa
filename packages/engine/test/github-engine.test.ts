import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { EngineOptions } from "@perch/engine";
import { find, startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { REPO, startTestGithub, type TestGithub } from "./support/github.ts";
import { behaviour } from "./support/repository.ts";

const TOKEN = "ghp_secret_token";
const SECRET = "webhook-secret";
const says = (what: string) => behaviour({ says: what });

const ADMIN = `
  admin:
    repo: acme/test
    path: services/admin
    protocol: http
    edge: /admin
    local: { start: exec node server.js, ready: /ready }
`;

/** Looks so rarely that only a webhook explains what is seen soon; or often. */
async function start(
  github: TestGithub,
  change: Partial<EngineOptions> = {},
  yaml = WEB_CONFIG,
): Promise<TestEngine> {
  const remotes = new Map<string, string>();
  const env = { ...process.env, GITHUB_TOKEN: TOKEN, PERCH_WEBHOOK_SECRET: SECRET };
  const options = { remotes, env, github: { identity: { token: TOKEN }, timeout: 5_000 }, ...change };
  return startTestEngine(github.repository, options, `${yaml}\ncluster: { github: "${github.url}" }\n`);
}

describe("an engine with GitHub as its source", () => {
  let github: TestGithub;
  let test: TestEngine;

  before(async () => {
    github = await startTestGithub();
    await github.open(says("one"), { labels: [] });
    test = await start(github, { interval: 3_600_000, webhook: { port: 0, secret: SECRET } });
    await test.engine.settled();
    await github.control.setHooks([{ url: test.engine.status().engine.webhookUrl ?? "", secret: SECRET }]);
  });
  after(async () => {
    await test.close();
    await github.close();
  });

  it("gives no canary without a label, and says so", async () => {
    assert.match(test.engine.status().pullRequests[0]?.skipped ?? "", /no label canary/);
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "stable");
  });

  it("serves a canary once it is labelled, rolls it on a push, and ends it when the pull request is closed unmerged", async () => {
    await github.control.label(REPO, 1, "canary");
    await test.untilState("web-canary-pr-1", "ready");
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one");
    const head = await github.push(1, says("one again"));
    await test.until("the push serves", (status) => {
      const canary = find(status, "web-canary-pr-1");
      return canary?.revision === head.slice(0, 12) && canary.state === "ready";
    });
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one again");
    await github.control.close(REPO, 1);
    await test.until("it is gone", (status) => find(status, "web-canary-pr-1") === undefined);
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "stable");
  });

  it("ends a canary when its label is taken away", async () => {
    const number = await github.open(says("two"));
    await test.untilState(`web-canary-pr-${number}`, "ready");
    await github.control.unlabel(REPO, number, "canary");
    await test.until("it is gone", (status) => find(status, `web-canary-pr-${number}`) === undefined);
  });

  it("ends the canary of a fork that is pushed to, until somebody with write access labels it again", async () => {
    await github.control.permission(REPO, "maintainer", "write");
    const number = await github.open(says("fork"), { fork: "someone/test", labels: [] });
    const name = `web-canary-pr-${number}`;
    await github.control.label(REPO, number, "canary");
    await test.untilState(name, "ready");
    const head = await github.push(number, says("not looked at"));
    await test.until("it is gone", (status) => find(status, name) === undefined);
    await github.control.unlabel(REPO, number, "canary");
    await github.control.label(REPO, number, "canary");
    await test.untilState(name, "ready");
    assert.equal(find(test.engine.status(), name)?.revision, head.slice(0, 12));
    await github.control.close(REPO, number);
  });

  it("takes up what was pushed while a build or a start was under way", async () => {
    const number = await github.open(behaviour({ says: "slow", neverReady: true }));
    const name = `web-canary-pr-${number}`;
    await test.until("it starts", (status) => find(status, name)?.state === "starting");
    await github.push(number, says("after the first push"));
    await github.push(number, says("after the second push"));
    await test.untilState(name, "ready");
    assert.equal((await test.get("/", { "x-canary": `${number}` })).json.says, "after the second push");
    await github.control.close(REPO, number);
  });

  it("passes no token and no secret to what it runs, and tells nobody", async () => {
    const { json } = await test.get("/");
    assert.ok(json.env?.includes("PATH"));
    assert.deepEqual(
      json.env?.filter((name) => /GITHUB|WEBHOOK|TOKEN|GIT_/.test(name)),
      [],
    );
    const status = JSON.stringify(test.engine.status());
    assert.doesNotMatch(status, /ghp_|webhook-secret/);
    assert.ok((test.engine.status().sources[0]?.api?.requests ?? 0) > 0);
  });

  it("converges on a burst of fifty pull requests, opened and closed", async () => {
    const head = await github.repository.pushBranch("burst", { "docs/x.md": "x" });
    const web = await github.repository.pushBranch("burst-web", says("burst"));
    const numbers: number[] = [];
    for (let i = 0; i < 50; i += 1) {
      const opened = { repo: REPO, head: i < 4 ? web : head, labels: ["canary"] };
      numbers.push((await github.control.openPullRequest(opened)).number);
    }
    await test.until("four canaries are ready", ({ services }) => {
      const canaries = services.flatMap((service) => service.canaries);
      return canaries.length === 4 && canaries.every(({ state }) => state === "ready");
    });
    await Promise.all(numbers.map((number) => github.control.close(REPO, number)));
    await test.until("none is left", (status) =>
      status.pullRequests.every(({ number }) => !numbers.includes(number)),
    );
    assert.deepEqual(
      test.engine.status().services.flatMap(({ canaries }) => canaries),
      [],
    );
  });
});

describe("an engine whose GitHub fails", () => {
  let github: TestGithub;
  let test: TestEngine;

  beforeEach(async () => {
    github = await startTestGithub();
    await github.open(says("one"));
    test = await start(github, { interval: 50, github: { identity: { token: TOKEN }, timeout: 300 } });
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
      assert.deepEqual(test.engine.status().problems, []);
      assert.equal(find(test.engine.status(), "web-canary-pr-1")?.pid, pid);
    });
  }

  it("converges by polling alone, whatever becomes of webhooks", async () => {
    await github.open(says("two"));
    await test.untilState("web-canary-pr-2", "ready");
    await github.control.close(REPO, 1);
    await test.until("it is gone", (status) => find(status, "web-canary-pr-1") === undefined);
  });
});

describe("pull requests that change what services there are", () => {
  let github: TestGithub;
  let test: TestEngine;

  before(async () => {
    github = await startTestGithub();
    test = await start(github, { interval: 50 });
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
