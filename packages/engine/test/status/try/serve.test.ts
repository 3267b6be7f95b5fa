import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { TryAnswer } from "@perch/core";
import { request } from "undici";
import { startTestEngine, type TestEngine } from "../../support/engine.ts";
import { behaviour, makeRepository, type TestRepository } from "../../support/repository.ts";

describe("POST /api/try", () => {
  let repository: TestRepository;
  let test: TestEngine;
  let origin: string;
  before(async () => {
    repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    test = await startTestEngine(repository);
    await test.engine.settled();
    origin = new URL(test.engine.statusUrl).origin;
  });
  after(async () => {
    await test.close();
    await repository.remove();
  });

  const post = async (body: string, headers: Record<string, string | undefined> = {}) => {
    const own = { origin, "x-perch-request": "1", "content-type": "application/json", ...headers };
    const sent = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >;
    const response = await request(`${test.engine.statusUrl}/api/try`, {
      method: "POST",
      headers: sent,
      body,
    });
    return { status: response.statusCode, text: await response.body.text() };
  };
  const ask = JSON.stringify({ path: "/hello", selector: "1" });

  it("has the edge answer, through the canary that the selector asks for", async () => {
    const { status, text } = await post(ask);
    assert.equal(status, 200, text);
    const answer = JSON.parse(text) as TryAnswer;
    assert.equal(answer.status, 200);
    assert.equal((JSON.parse(answer.body) as { says: string }).says, "one");
    const byLink = await post(JSON.stringify({ path: "/", host: "pr-1.localhost" }));
    assert.match(byLink.text, /\\"says\\":\\"one\\"/);
  });

  it("refuses a page of another origin, and one without an origin", async () => {
    for (const foreign of [
      "http://evil.example",
      "null",
      origin.replace("http:", "https:"),
      `${origin}0`,
      undefined,
    ])
      assert.equal((await post(ask, { origin: foreign })).status, 403, foreign);
    for (const site of ["cross-site", "same-site", "none"])
      assert.equal((await post(ask, { "sec-fetch-site": site })).status, 403, site);
    assert.equal((await post(ask, { "sec-fetch-site": "same-origin" })).status, 200);
  });

  it("refuses a request without its header, which a form or a simple request of another page cannot have", async () => {
    assert.equal((await post(ask, { "x-perch-request": undefined })).status, 403);
    assert.equal((await post(ask, { "x-perch-request": "0" })).status, 403);
    assert.equal((await post(ask, { "content-type": "text/plain" })).status, 400);
  });

  it("refuses a Host that a page brought about by DNS rebinding, although its Origin agrees", async () => {
    const { port } = new URL(origin);
    const host = `evil.example:${port}`;
    assert.equal((await post(ask, { host, origin: `http://${host}` })).status, 403);
  });

  it("refuses any host but the edge's", async () => {
    const { status, text } = await post(JSON.stringify({ path: "/", host: "evil.example" }));
    assert.deepEqual([status, /The host is none of the edge's/.test(text)], [400, true]);
  });

  it("refuses an invalid selector with what is wrong with it", async () => {
    const { status, text } = await post(JSON.stringify({ path: "/", selector: "web=1,web=2" }));
    assert.deepEqual([status, /names a service twice/.test(text)], [400, true]);
  });

  it("refuses a body over its bound, before it is read whole where it is far over", async () => {
    const body = (length: number) => JSON.stringify({ method: "POST", path: "/", body: "x".repeat(length) });
    assert.equal((await post(body(64 * 1024))).status, 200);
    assert.equal((await post(body(64 * 1024 + 1))).status, 400);
    assert.equal((await post(body(1024 * 1024))).status, 413);
  });

  it("allows no cross-origin preflight", async () => {
    const { statusCode, headers } = await request(`${test.engine.statusUrl}/api/try`, {
      method: "OPTIONS",
      headers: {
        origin: "http://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-perch-request",
      },
    });
    assert.deepEqual([statusCode, headers["access-control-allow-origin"]], [404, undefined]);
  });

  it("shows in the measurements of what served it, and nowhere else", async () => {
    const { body } = await request(`${test.engine.statusUrl}/api/measurements?service=web`);
    const { variants } = (await body.json()) as { variants: { pr?: number; total: { requests: number } }[] };
    assert.ok((variants.find(({ pr }) => pr === 1)?.total.requests ?? 0) >= 2);
    for (const query of ["", "service=nope", "service=web&step=0", "service=web&since=x"])
      assert.ok(
        [400, 404].includes((await request(`${test.engine.statusUrl}/api/measurements?${query}`)).statusCode),
        query,
      );
  });
});
