import assert from "node:assert/strict";
import { appendFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Status } from "@perch/core";
import { request } from "undici";
import { find, startTestEngine, type TestEngine } from "./support/engine.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

describe("the status API", () => {
  let repository: TestRepository;
  let test: TestEngine;
  before(async () => {
    repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    test = await startTestEngine(repository);
    await test.engine.settled();
  });
  after(async () => {
    await test.close();
    await repository.remove();
  });

  const get = (path: string, headers: Record<string, string> = {}) =>
    request(`${test.engine.statusUrl}${path}`, { headers, signal: AbortSignal.timeout(20_000) });
  const text = async (path: string) => (await get(path)).body.text();

  it("answers the whole status as JSON", async () => {
    const status = JSON.parse(await text("/api/status")) as Status;
    assert.equal(
      find(status, "web-canary-pr-1")?.shareLink,
      `http://pr-1.localhost:${new URL(status.edge.url).port}/`,
    );
    assert.deepEqual(status.problems, []);
  });

  it("answers only to localhost or a loopback address, so that no page of another site can read it under its own name", async () => {
    for (const host of [
      "evil.example",
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "[evil.example]",
      "10.0.0.1:8090",
      "0.0.0.0:8090",
      "[::]:8090",
      "[fd00::1]:8090",
      "[::ffff:10.0.0.1]",
      "127.0.0.1.1",
    ]) {
      assert.equal((await get("/api/status", { host })).statusCode, 403, host);
    }
    for (const host of [
      "localhost",
      "LOCALHOST:1",
      "127.0.0.1:8090",
      "[::1]:8090",
      "perch.localhost",
      "127.0.0.2",
      "[0:0:0:0:0:0:0:1]",
    ]) {
      assert.equal((await get("/api/status", { host })).statusCode, 200, host);
    }
  });

  it("says what to do to those that it does not answer", async () => {
    const refused = await get("/api/status", { host: "10.0.0.1" });
    const { code, hint } = (await refused.body.json()) as { code: string; hint: string };
    assert.equal(code, "USAGE");
    assert.match(hint, /--status-name/);
  });

  it("changes nothing: other methods are refused", async () => {
    const { statusCode } = await request(`${test.engine.statusUrl}/api/status`, { method: "POST" });
    assert.equal(statusCode, 404);
  });

  it("sends the status at once and after every change", async () => {
    const { body } = await get("/api/events");
    const seen: (string | undefined)[] = [];
    let pushed = false;
    let buffered = "";
    for await (const chunk of body) {
      buffered += String(chunk);
      const events = buffered.split("\n\n");
      buffered = events.pop() ?? "";
      for (const event of events) {
        const data = /^event: status\ndata: (.*)$/.exec(event)?.[1];
        if (data !== undefined) seen.push(find(JSON.parse(data) as Status, "web-canary-pr-2")?.state);
      }
      if (!pushed) await repository.pushPullRequest(2, behaviour({ says: "two" }));
      pushed = true;
      if (seen.includes("ready")) break;
    }
    assert.equal(seen[0], undefined);
    assert.equal(seen.at(-1), "ready");
  });

  it("explains a selector, and refuses one that is none with what is wrong", async () => {
    const { services } = JSON.parse(await text("/api/explain?selector=web%3D1")) as {
      services: { because: string }[];
    };
    assert.match(services[0]?.because ?? "", /asks for this canary/);
    const refused = await get("/api/explain?selector=0");
    assert.equal(refused.statusCode, 400);
    assert.match(await refused.body.text(), /INVALID_SELECTOR/);
  });

  it("shows a variant's log, and says what there is when asked for another", async () => {
    assert.match(await text("/api/logs?service=web&pr=1"), /\[perch\] start: exec node server\.js/);
    const unknown = await get("/api/logs?service=web&pr=99");
    assert.equal(unknown.statusCode, 404);
    assert.match(await unknown.body.text(), /web-canary-pr-1/);
    for (const query of ["", "service=web&pr=x", "service=web&lines=-1", "service=..%2F..%2Fetc"]) {
      assert.ok([400, 404].includes((await get(`/api/logs?${query}`)).statusCode), query);
    }
  });

  it("follows a log from where its last lines end, in the midst of a line too", async () => {
    const instances = join(test.stateDir, "instances");
    const id = (await readdir(instances)).find((name) => name.includes("-pr-1-")) ?? "";
    const log = join(instances, id, "log");
    await appendFile(log, "begun");
    const { body } = await get("/api/logs?service=web&pr=1&lines=1&follow");
    const chunks = body[Symbol.asyncIterator]();
    const first = await chunks.next();
    assert.equal(String(first.value), "begun");
    await appendFile(log, " and ended\n");
    assert.equal(String((await chunks.next()).value), " and ended\n");
    body.destroy();
  });

  it("follows a log over a roll", async () => {
    const { body } = await get("/api/logs?service=web&pr=1&lines=0&follow");
    const started = (async () => {
      for await (const chunk of body) if (String(chunk).includes("start: exec")) return true;
      return false;
    })();
    await repository.pushPullRequest(1, behaviour({ says: "one, again" }));
    assert.equal(await started, true);
  });
});
