import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { find, type TestEngine } from "./support/engine.ts";
import {
  deliver,
  REPO,
  SECRET,
  startGithubEngine,
  startTestGithub,
  type TestGithub,
} from "./support/github.ts";
import { eventually } from "./support/processes.ts";
import { behaviour } from "./support/repository.ts";

const says = (what: string) => behaviour({ says: what });

describe("an engine with GitHub as its source", () => {
  let github: TestGithub;
  let test: TestEngine;

  before(async () => {
    github = await startTestGithub();
    await github.open(says("one"), { labels: [] });
    test = await startGithubEngine(github, { interval: 3_600_000, webhook: { port: 0, secret: SECRET } });
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
    const head = await github.push(number, says("after the second push"));
    await test.until("the last push serves", (status) => {
      const canary = find(status, name);
      return canary?.revision === head.slice(0, 12) && canary.state === "ready";
    });
    assert.equal((await test.get("/", { "x-canary": `${number}` })).json.says, "after the second push");
    await github.control.close(REPO, number);
  });

  it("looks once more for a webhook that comes again, late or out of order, and believes nothing of it", async () => {
    const number = await github.open(says("gone"));
    await test.untilState(`web-canary-pr-${number}`, "ready");
    await github.control.close(REPO, number);
    await test.until("it is gone", (status) => find(status, `web-canary-pr-${number}`) === undefined);
    const looks = async () =>
      (await github.control.requests()).filter(({ target }) => target.includes("/pulls?")).length;
    const before = await looks();
    for (const action of ["closed", "synchronize", "labeled", "opened", "opened"]) {
      const pull_request = { number, state: "open", draft: false, labels: [{ name: "canary" }] };
      await deliver(test, JSON.stringify({ action, number, pull_request }), SECRET);
      await deliver(test, JSON.stringify({ action, number, pull_request }), "forged");
    }
    await eventually(async () => assert.ok((await looks()) > before));
    await test.until("it settled", ({ settled }) => settled);
    assert.equal(find(test.engine.status(), `web-canary-pr-${number}`), undefined);
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
