import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { localInventory } from "../src/state/inventory.ts";
import { CORPUS } from "./routes/http/smuggling-corpus.ts";
import { find, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import {
  deliver,
  REPO,
  SECRET,
  startGithubEngine,
  startTestGithub,
  type TestGithub,
  TOKEN,
} from "./support/github.ts";
import { eventually } from "./support/processes.ts";
import { behaviour } from "./support/repository.ts";
import { type SteadyTraffic, steadyTraffic } from "./support/steady-traffic.ts";

const says = (what: string) => behaviour({ says: what });
/** Installs nothing; a build that a commit can make slow. */
const YAML = `${WEB_CONFIG.replace("local: {", `local: { build: "if [ -e slow ]; then exec sleep 3600; fi",`)}canary: { maxOpen: 100 }
`;

/** What is wrong with GitHub, each for so long that several looks meet it. */
const OUTAGES = [
  { kind: "status", status: 500 },
  { kind: "status", status: 401 },
  { kind: "status", status: 404 },
  { kind: "bad-json" },
  { kind: "error-as-list" },
  { kind: "empty-list" },
  { kind: "cut-list" },
  { kind: "secondary-limit", seconds: 1 },
  { kind: "primary-limit", seconds: 1 },
  { kind: "slow", milliseconds: 60_000 },
] as const;

describe("under steady traffic, with no answer from the wrong backend and no error of stable or of a canary that serves", () => {
  let github: TestGithub;
  let test: TestEngine;
  let traffic: SteadyTraffic;
  /** What pull request 1 may say: its revision, and for a while the one after. */
  let one = ["one"];

  before(async () => {
    github = await startTestGithub(says("stable"));
    await github.open(says("one"));
    test = await startGithubEngine(
      github,
      {
        interval: 50,
        github: { identity: { token: TOKEN }, timeout: 3_000 },
        webhook: { port: 0, secret: SECRET },
      },
      YAML,
    );
    await test.untilState("web-canary-pr-1", "ready");
    traffic = steadyTraffic(test, [{ expects: () => ["stable"] }, { selector: "1", expects: () => one }]);
  });
  after(async () => {
    await traffic?.stop();
    await test.close();
    await github.close();
  });

  /** Both callers were answered anew, and never wrongly. */
  async function goesOn(): Promise<void> {
    const before = traffic.answered();
    await eventually(async () => assert.ok(traffic.answered() > before + 3));
    assert.deepEqual([...traffic.wrong, ...traffic.failures()], []);
  }

  /** Pull request 1 is pushed to, and serves it. */
  async function rollsTo(what: string): Promise<void> {
    one = [...one, what];
    const head = await github.push(1, says(what));
    await test.until(
      "it serves",
      (status) => find(status, "web-canary-pr-1")?.revision === head.slice(0, 12),
    );
    await sleep(100);
    one = [what];
  }

  const isGone = (pr: number) =>
    test.until(`${pr} is gone`, (status) => find(status, `web-canary-pr-${pr}`) === undefined);

  for (const outage of OUTAGES) {
    it(`GitHub fails or lies: ${JSON.stringify(outage)}`, async () => {
      await github.during(outage, async () => {
        await test.until("it is told", ({ problems }) =>
          problems.some(({ code }) => code === "SOURCE_UNREACHABLE"),
        );
        await goesOn();
      });
      await test.until("all is well", ({ problems }) => problems.length === 0);
      await goesOn();
    });
  }

  it("fifty pull requests are opened and closed in a burst, half of them broken", async () => {
    const good = await github.repository.pushBranch("good", says("burst"));
    const broken = await github.repository.pushBranch("broken", behaviour({ exitAtOnce: true }));
    const numbers: number[] = [];
    for (let i = 0; i < 50; i += 1) {
      const head = i % 2 === 0 ? good : broken;
      numbers.push((await github.control.openPullRequest({ repo: REPO, head, labels: ["canary"] })).number);
    }
    await test.until("some serve and some failed", ({ services }) => {
      const states = services[0]?.canaries.map(({ state }) => state) ?? [];
      return ["ready", "failed"].every((state) => states.filter((one) => one === state).length > 2);
    });
    await goesOn();
    await Promise.all(numbers.map((number) => github.control.close(REPO, number)));
    for (const number of numbers) await isGone(number);
    await goesOn();
  });

  it("a pull request is pushed to again while it builds", async () => {
    await github.push(1, { ...says("never"), "services/web/slow": "" });
    await test.until("it builds", (status) => find(status, "web-canary-pr-1")?.next?.state === "building");
    await goesOn();
    await rollsTo("once more");
    await goesOn();
  });

  it("a pull request removes its service, and comes back", async () => {
    await github.push(1, {
      "services/web/server.js": undefined,
      "services/web/behaviour.json": undefined,
    });
    await test.until("it failed", ({ problems }) =>
      problems.some(({ variant }) => variant === "web-canary-pr-1"),
    );
    await goesOn();
    await rollsTo("back");
    await goesOn();
  });

  for (const name of ["web", "web-canary-pr-1"]) {
    it(`${name} is killed, and serves again; the other one does not notice`, async () => {
      const { pid = 0 } = find(test.engine.status(), name) ?? {};
      process.kill(-pid, "SIGKILL");
      await test.until("it is another process", (status) => {
        const { pid: now, state } = find(status, name) ?? {};
        return state === "ready" && now !== pid;
      });
      // That none of the reads under way fails is proven in faults.test.ts; here, two connections may be lost one after the other.
      const caller = name === "web" ? "untagged: " : "1: ";
      assert.deepEqual(
        traffic.failures().filter((failure) => !failure.startsWith(caller)),
        [],
      );
      await goesOn();
    });
  }

  it("webhooks are forged, come twice, late and out of order", async () => {
    const pull_request = { number: 1, state: "open", draft: false, labels: [{ name: "canary" }] };
    for (const action of ["closed", "synchronize", "opened", "unlabeled", "closed", "closed"]) {
      for (const secret of [SECRET, "forged"])
        await deliver(test, JSON.stringify({ action, number: 1, pull_request }), secret);
    }
    await deliver(test, "{", SECRET);
    await goesOn();
    await rollsTo("after the webhooks");
    await goesOn();
  });

  it("a pull request breaks perch.yaml, adds a service to it, and renames its own", async () => {
    const others = YAML.replace("  web:", "  webb:").replace(
      "services:",
      "services:\n  more: { path: more }",
    );
    for (const [index, text] of ["services: [", "", others].entries()) {
      const what = `perch.yaml no. ${index}`;
      one = [...one, what];
      const head = await github.push(1, { ...says(what), "perch.yaml": text });
      await test.untilRevision(1, head.slice(0, 12));
      await goesOn();
      one = [what];
    }
  });

  it("the edge is sent what parsers read in two ways, and headers without end", async () => {
    const [host = "", port = ""] = (test.engine.status().edge.listening[0] ?? "").split(":");
    const bombs = [
      `GET / HTTP/1.1\r\nHost: h\r\n${"X-A: b\r\n".repeat(100_000)}`,
      `GET / HTTP/1.1\r\nHost: h\r\nX-A: ${"b".repeat(1_000_000)}`,
      `GET /${"a".repeat(1_000_000)}`,
    ];
    for (const bytes of [...Object.values(CORPUS), ...bombs]) {
      const socket = connect(Number(port), host).on("error", () => undefined);
      socket.setTimeout(100, () => socket.destroy());
      socket.resume().end(bytes, "latin1");
      await new Promise((resolve) => socket.once("close", resolve));
    }
    await goesOn();
  });

  it("and nothing is left behind", async () => {
    await traffic.stop();
    assert.deepEqual(traffic.wrong, []);
    assert.ok(traffic.answered() > 200, `only ${traffic.answered()} requests`);
    await github.control.close(REPO, 1);
    await isGone(1);
    await eventually(async () => {
      const { instances, worktrees } = await localInventory(test.stateDir);
      assert.deepEqual([instances.length, worktrees.length], [1, 1]);
    });
  });
});
