import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as secureRequest } from "node:https";
import { after, before, describe, it } from "node:test";
import { PerchError, type TryAnswer } from "@perch/core";
import { request } from "undici";
import { certificateFiles, certificateFor, type TestCertificate } from "./support/certificate.ts";
import { find, startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

const HOST = "dev.example.com";
const CONFIG = WEB_CONFIG.replace("services:", `edge: { host: ${HOST} }\nservices:`);

describe("an engine behind a real domain", () => {
  let repository: TestRepository;
  let test: TestEngine;
  let certificate: TestCertificate;
  let port: string;
  const closing: (() => unknown)[] = [];
  before(async () => {
    repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    certificate = await certificateFor([HOST, `*.${HOST}`]);
    const { files } = await certificateFiles(
      { after: (end) => closing.push(end as () => unknown) },
      certificate,
    );
    const front = {
      tls: files,
      redirectPort: 0,
      trustedProxies: ["127.0.0.1"],
      statusNames: ["Perch.Example.com"],
    };
    test = await startTestEngine(repository, front, CONFIG);
    const status = await test.engine.settled();
    port = new URL(status.edge.url).port;
  });
  after(async () => {
    await test.close();
    await repository.remove();
    for (const end of closing) await end();
  });

  async function get(host: string, headers: Record<string, string> = {}): Promise<string> {
    const { cert } = certificate;
    // The name is this machine, for this test.
    const options = { host: "127.0.0.1", port, servername: host, ca: cert, agent: false };
    const sent = secureRequest({ ...options, headers: { host: `${host}:${port}`, ...headers } }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response) text += String(chunk);
    return (JSON.parse(text) as { says: string }).says;
  }

  it("serves stable, canaries and share links by names that its certificate is for", async () => {
    assert.equal(await get(HOST), "stable");
    assert.equal(await get(HOST, { "X-Canary": "1" }), "one");
    assert.equal(await get(`pr-1.${HOST}`), "one");
  });

  it("shows the URLs that people use, and no problem", () => {
    const status = test.engine.status();
    assert.equal(status.edge.url, `https://${HOST}:${port}`);
    assert.equal(find(status, "web-canary-pr-1")?.shareLink, `https://pr-1.${HOST}:${port}/`);
    assert.deepEqual([status.edge.secure, status.problems], [true, []]);
  });

  it("tries requests at its own edge, over TLS", async () => {
    const { origin } = new URL(test.engine.statusUrl);
    const response = await request(`${origin}/api/try`, {
      method: "POST",
      headers: { origin, "x-perch-request": "1", "content-type": "application/json" },
      body: JSON.stringify({ path: "/", selector: "1" }),
    });
    const answer = (await response.body.json()) as TryAnswer;
    assert.equal((JSON.parse(answer.body) as { says: string }).says, "one");
  });

  it("answers for its status to the names that it was given, and to no other", async () => {
    const status = async (host: string) =>
      (await request(`${test.engine.statusUrl}/api/status`, { headers: { host } })).statusCode;
    assert.equal(await status("perch.example.com"), 200);
    assert.equal(await status("PERCH.example.com:8090"), 200);
    for (const host of [HOST, "evil.perch.example.com", "perch.example.com.evil"])
      assert.equal(await status(host), 403, host);
  });

  it("lets the dashboard by such a name try requests, with TLS before it too, and no page of another name", async () => {
    const tried = async (host: string, origin: string) => {
      const headers = { host, origin, "x-perch-request": "1", "content-type": "application/json" };
      const body = JSON.stringify({ path: "/" });
      return (await request(`${test.engine.statusUrl}/api/try`, { method: "POST", headers, body }))
        .statusCode;
    };
    assert.equal(await tried("perch.example.com", "https://perch.example.com"), 200);
    assert.equal(await tried("perch.example.com", "http://perch.example.com"), 200);
    assert.equal(await tried("perch.example.com", "https://evil.example"), 403);
    assert.equal(await tried("localhost", "https://localhost"), 403);
  });
});

describe("an engine whose certificate is not for its names", () => {
  it("says so as a problem, and serves", async (t) => {
    const repository = await makeRepository();
    t.after(() => repository.remove());
    const { files } = await certificateFiles(t, await certificateFor(["other.example.com"]));
    const test = await startTestEngine(repository, { tls: files }, CONFIG);
    t.after(() => test.close());
    const [problem] = (await test.engine.settled()).problems;
    assert.match(
      problem?.message ?? "",
      /is not for dev\.example\.com, and is not for \*\.dev\.example\.com/,
    );
  });
});

describe("an engine that is told nonsense about its front", () => {
  it("does not start, and says what is wrong", async (t) => {
    const repository = await makeRepository();
    t.after(() => repository.remove());
    const absent = { cert: "/nowhere/cert.pem", key: "/nowhere/key.pem" };
    const wrong = [
      { tls: absent },
      { trustedProxies: ["proxy"] },
      { publicUrl: "https://other.example.com" },
    ];
    for (const front of wrong)
      await assert.rejects(startTestEngine(repository, front, CONFIG), PerchError, JSON.stringify(front));
  });
});
