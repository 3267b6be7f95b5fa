import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Status } from "@perch/core";
import { identifyProcess } from "@perch/engine/state";
import { parseTrail } from "@perch/header";
import { parse } from "yaml";
import { type Demo, startDemo } from "./support/demo.ts";
import type { Run } from "./support/perch.ts";
import { until } from "./support/until.ts";

interface StoryRequest {
  readonly claim: string;
  readonly headers: Record<string, string>;
  readonly echo?: string;
  readonly trail?: readonly { service: string; pr?: number; note?: string }[];
  readonly canaryApi: boolean;
  readonly canaryStore: boolean;
}

const story = parse(readFileSync(join(import.meta.dirname, "main-job.yaml"), "utf8")) as {
  requests: StoryRequest[];
};

describe("the main job: requests go through pull requests' canaries", () => {
  let demo: Demo & { readonly up: Run };
  let status: Status;
  before(async () => {
    demo = await startDemo();
    assert.equal(demo.up.code, 0, demo.up.stdout + demo.up.stderr);
    status = await demo.status();
  });
  after(() => demo.end());

  it("up returns when all is ready, and prints what runs and what to try", () => {
    assert.match(demo.up.stdout, /api +stable +ready +[0-9a-f]{12}/);
    assert.match(demo.up.stdout, /#1 +ready +[0-9a-f]{12}/);
    assert.match(demo.up.stdout, /curl -i -H 'X-Canary: api=2,store=1' http:\/\/localhost:\d+\/api\/items/);
    assert.equal(status.settled, true);
    assert.deepEqual(status.problems, []);
  });

  it("dependencies are installed once, and canaries have them by links", async () => {
    const instances = join(demo.stateDir, "instances");
    const logs = (await readdir(instances)).map((id) => readFileSync(join(instances, id, "log"), "utf8"));
    assert.equal(logs.filter((log) => log.includes("it is run for each revision")).length, 0, logs.join());
  });

  for (const request of story.requests) {
    it(request.claim, async () => {
      const { status: code, headers, text } = await demo.get("/api/items", request.headers);
      assert.equal(code, 200, text);
      const [item] = (JSON.parse(text) as { items: { name: string; price?: string }[] }).items;
      assert.equal(item?.price !== undefined, request.canaryApi, text);
      assert.equal(item?.name.endsWith(" (new)"), request.canaryStore, text);
      assert.equal(headers["x-canary-echo"], request.echo);
      assert.match(String(headers.vary), /x-canary/i);
      const trail = parseTrail(headers["x-canary-trail"]);
      assert.deepEqual(
        trail?.hops.map(({ rev: _rev, ...hop }) => hop),
        request.trail,
      );
      for (const hop of trail?.hops ?? [])
        assert.equal(hop.rev, revisionOf(status, hop.service, hop.pr), "the trail is true");
    });
  }

  it("what is written through a canary is there for stable: they share the database", async () => {
    const { perch: _perch, ...rest } = demo;
    const edge = status.edge.listening[0];
    const created = await fetch(`http://${edge}/api/items`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-canary": "api=2,store=1" },
      body: JSON.stringify({ name: "Written by a canary", priceCents: 100 }),
    });
    assert.equal(created.status, 201, await created.text());
    assert.match((await rest.get("/api/items")).text, /Written by a canary/);
  });

  it("explain says which backend each service uses, by which rule, and why not another", async () => {
    const { code, stdout } = await demo.perch("explain", "api=2");
    assert.equal(code, 0);
    assert.match(
      stdout,
      /api → canary of PR 2 +[0-9a-f]{12}.*\n +because the selector asks for this canary\n +not stable/,
    );
    assert.match(stdout, /store → stable.*\n +because the list does not name this service\n +not PR 1/);
    const wrong = await demo.perch("explain", "api=2,");
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /INVALID_SELECTOR/);
  });

  it("logs shows a canary's own lines, which carry its PR and revision", async () => {
    const { stdout } = await demo.perch("logs", "store", "--pr", "1");
    assert.match(stdout, /\[perch\] start: node /);
    assert.match(stdout, /"canary_pr":"1"/);
    const unknown = await demo.perch("logs", "nope");
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /What runs: .*store-canary-pr-1/);
  });

  it("the status API streams server-sent events", async () => {
    const record = JSON.parse(readFileSync(join(demo.stateDir, "engine.json"), "utf8")) as {
      statusUrl: string;
    };
    const response = await fetch(`${record.statusUrl}/api/events`);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const reader = response.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    assert.match(first, /^event: status\ndata: \{/);
    await reader?.cancel();
  });

  it("a push rolls the canary without one failed request", async () => {
    const before = revisionOf(await demo.status(), "store", 1);
    const load = startLoad(demo, { "x-canary": "1" });
    const head = await demo.push(1, "services/store/src/items/to-message.ts", (text) =>
      text.replace("(new)", "(newer)"),
    );
    await load.until((text) => text.includes("(newer)"));
    const { failures, answers } = await load.stop();
    assert.deepEqual(failures, []);
    assert.ok(answers > 10, `only ${answers} answers`);
    const now = revisionOf(await demo.status(), "store", 1);
    assert.deepEqual([now, now === before], [head.slice(0, 12), false]);
  });

  it("a deleted ref leaves no process, worktree, log or route of its canary", async () => {
    const pid = variantOf(await demo.status(), "api", 2)?.pid ?? 0;
    process.kill(pid, 0);
    await demo.git("push", "--quiet", "origin", ":refs/pull/2/head");
    await until("the canary is gone", 30, async () => variantOf(await demo.status(), "api", 2) === undefined);
    await until("its worktree and log are gone", 30, async () =>
      (await readdir(join(demo.stateDir, "instances"))).every((name) => !name.includes("-pr-2-")),
    );
    assert.throws(() => process.kill(-pid, 0), { code: "ESRCH" });
    const { headers, status: code } = await demo.get("/api/items", { "x-canary": "2" });
    assert.equal(code, 200);
    assert.equal(parseTrail(headers["x-canary-trail"])?.hops[0]?.pr, undefined);
    assert.equal((await demo.get("/api/items", { host: "pr-2.localhost" })).status, 404);
  });

  it("down ends all of it, and a second down has nothing to do", async () => {
    const { engine, services } = await demo.status();
    const pids = services.flatMap(({ stable, canaries }) => [stable, ...canaries]).map(({ pid }) => pid ?? 0);
    assert.equal((await demo.perch("down")).code, 0);
    for (const pid of [engine.pid, ...pids]) assert.equal(await identifyProcess(pid), undefined);
    assert.deepEqual(await readdir(join(demo.stateDir, "instances")), []);
    assert.match((await demo.perch("down")).stdout, /No engine runs/);
    assert.equal((await demo.perch("status")).code, 3);
  });
});

function variantOf(status: Status, service: string, pr: number | undefined) {
  const found = status.services.find((one) => one.service === service);
  return pr === undefined ? found?.stable : found?.canaries.find((canary) => canary.pr === pr);
}

function revisionOf(status: Status, service: string, pr: number | undefined): string | undefined {
  return variantOf(status, service, pr)?.revision;
}

/** Four clients that ask again and again; every answer other than 200 is a failure. */
function startLoad(demo: Demo, headers: Record<string, string>) {
  const failures: string[] = [];
  const seen: ((text: string) => void)[] = [];
  let answers = 0;
  let running = true;
  const clients = Array.from({ length: 4 }, async () => {
    while (running) {
      const answer = await demo
        .get("/api/items", headers)
        .catch((error: Error) => ({ status: 0, text: error.message }));
      answers += 1;
      if (answer.status !== 200) failures.push(`${answer.status} ${answer.text}`);
      for (const listener of seen) listener(answer.text);
    }
  });
  return {
    until: (holds: (text: string) => boolean) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error("The new revision did not answer within four minutes.")),
          240_000,
        );
        seen.push((text) => {
          if (!holds(text)) return;
          clearTimeout(timer);
          resolve();
        });
      }),
    stop: async () => {
      running = false;
      await Promise.all(clients);
      return { failures, answers };
    },
  };
}
