import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { eventually } from "./support/processes.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";
import { type SteadyTraffic, steadyTraffic } from "./support/steady-traffic.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YAML = `${WEB_CONFIG}canary: { idle: 30m, ttl: 7d }\n`;

/** The time of day as everything here sees it, moved by `shift` milliseconds. Timers go on as they were, as on a real machine. */
const realNow = Date.now;
let shift = 0;

describe("a clock that jumps", () => {
  let repository: TestRepository;
  let test: TestEngine;
  let traffic: SteadyTraffic;
  before(async () => {
    Date.now = () => realNow() + shift;
    repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    await repository.pushPullRequest(4, behaviour({ says: "four" }));
    test = await startTestEngine(repository, {}, YAML);
    await test.engine.settled();
    traffic = steadyTraffic(test, [
      { expects: () => ["stable"] },
      // Stable answers while it has expired.
      { selector: "4", expects: () => ["four", "stable"] },
    ]);
  });
  afterEach(() => {
    // A canary that comes back after it expired is not ready at once.
    const failed = traffic.failures().filter((failure) => !/^4: 503 .*NOT_READY/.test(failure));
    assert.deepEqual([...traffic.wrong, ...failed], []);
  });
  after(async () => {
    await traffic.stop();
    assert.ok(traffic.answered() > 100, `only ${traffic.answered()} requests`);
    await test.close();
    await repository.remove();
    Date.now = realNow;
  });

  const canary = async () => (await test.get("/", { "x-canary": "1" })).json.says;

  it("ahead by hours puts to sleep what then seems idle, and the next request wakes it", async () => {
    shift += 3 * HOUR;
    await repository.pushPullRequest(2, behaviour({ says: "two" }));
    await test.untilState("web-canary-pr-2", "ready");
    await test.untilState("web-canary-pr-1", "sleeping");
    assert.equal(await canary(), "one");
  });

  it("back by a day keeps nothing awake for that day, and starts again at once what died", async () => {
    shift -= DAY;
    await repository.pushPullRequest(2, behaviour({ says: "newer" }));
    await test.untilState("web-canary-pr-1", "sleeping");
    assert.equal(await canary(), "one");
    const dying = test.get("/die", { "x-canary": "1" });
    await test.untilState("web-canary-pr-1", "failed");
    shift -= DAY;
    // A read is sent once more to what was started again, and ends that too.
    assert.equal((await dying).status, 502);
    await eventually(async () => assert.equal(await canary(), "one"));
  });

  it("ahead by more than canary.ttl ends canaries, and they are back once it is right again", async () => {
    shift += 10 * DAY;
    await repository.pushPullRequest(3, behaviour({ says: "three" }));
    await test.until("the first is gone", ({ services }) =>
      Boolean(services[0]?.canaries.every(({ pr }) => pr !== 1)),
    );
    shift -= 10 * DAY;
    await repository.pushPullRequest(3, behaviour({ says: "newest" }));
    await test.untilState("web-canary-pr-1", "ready");
    assert.equal(await canary(), "one");
    assert.deepEqual((await test.engine.settled()).problems, []);
  });
});
