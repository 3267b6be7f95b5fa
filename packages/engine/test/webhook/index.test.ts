import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect } from "node:tls";
import pino from "pino";
import { openCertificate } from "../../src/routes/tls/certificate.ts";
import { openWebhook, type WebhookEndpoint } from "../../src/webhook/index.ts";
import { certificateFiles, certificateFor } from "../support/certificate.ts";

const secret = "It's a Secret to Everybody";
let endpoint: WebhookEndpoint;
let looks = 0;
/** Milliseconds after which every look of some deliveries was made, the one a while later too. */
const SETTLED = 5_000;

beforeEach(async () => {
  looks = 0;
  const options = { hosts: ["127.0.0.1", "::1"], logger: pino({ level: "silent" }) };
  endpoint = await openWebhook({ port: 0, secret }, options, () => {
    looks += 1;
  });
});
afterEach(() => endpoint.close());

const sign = (body: string, by = secret) => `sha256=${createHmac("sha256", by).update(body).digest("hex")}`;
const post = async (body: string, headers: Record<string, string> = {}) =>
  (
    await fetch(endpoint.url, {
      method: "POST",
      body,
      headers: { "x-github-event": "pull_request", "x-hub-signature-256": sign(body), ...headers },
    })
  ).status;

describe("the webhook endpoint", () => {
  it("checks signatures as GitHub makes them", async () => {
    // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert.equal(await post("Hello, World!", { "x-hub-signature-256": signature }), 202);
  });

  it("looks for a pull request and for a push, not for a ping or anything else", async () => {
    for (const event of ["ping", "star", "issues"])
      assert.equal(await post("{}", { "x-github-event": event }), 202);
    assert.equal(looks, 0);
    await post("{}", { "x-github-event": "push" });
    assert.equal(looks, 1);
  });

  it("refuses what is not signed by its secret, and does not look", async () => {
    const forged = [
      "",
      "sha256=",
      `sha256=${"0".repeat(64)}`,
      sign("{}", "other"),
      sign("[]"),
      sign("{}").slice(0, 70),
    ];
    for (const signature of forged) assert.equal(await post("{}", { "x-hub-signature-256": signature }), 401);
    assert.equal(await post("{}", { "x-hub-signature-256": "", "x-hub-signature": "sha1=00" }), 401);
    assert.equal(looks, 0);
  });

  it("makes few looks of many deliveries, duplicates and old ones among them, and one a while later", async () => {
    const start = performance.now();
    await Promise.all(Array.from({ length: 200 }, () => post('{"action":"labeled"}')));
    // One at once, one later, and one for each second that the deliveries took.
    assert.ok(looks <= 2 + (performance.now() - start) / 1_000, `${looks}`);
    const before = looks;
    await sleep(SETTLED);
    // The last of those, if it was not made yet, and the one a while later.
    assert.ok(looks > before && looks <= before + 2, `${before} ${looks}`);
  });

  it("takes POST on its path alone", async () => {
    assert.equal((await fetch(endpoint.url)).status, 405);
    assert.equal((await fetch(`${endpoint.url}/x`, { method: "POST", body: "{}" })).status, 404);
    assert.equal((await fetch(new URL("/", endpoint.url))).status, 404);
  });

  it("takes a body as large as GitHub's largest, and refuses a larger one unread", async () => {
    assert.equal(await post("x".repeat(25 * 1024 * 1024)), 202);
    const { hostname, port } = new URL(endpoint.url);
    const socket = connect(Number(port), hostname);
    socket.write(`POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: ${25 * 1024 * 1024 + 1}\r\n\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(String(answer), /^HTTP\/1.1 413/);
    socket.destroy();
  });

  it("ends a body that goes on and on without saying how long it is", async () => {
    const { hostname, port } = new URL(endpoint.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => undefined);
    socket.resume();
    socket.write("POST /webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    const chunk = `100000\r\n${"x".repeat(0x10_00_00)}\r\n`;
    // Not `once`: it would fail by the error that comes first.
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    let sent = 0;
    for (; !socket.destroyed && sent < 200; sent += 1) {
      if (!socket.write(chunk)) await Promise.race([once(socket, "drain").catch(() => undefined), closed]);
    }
    await closed;
    assert.ok(sent < 200, `${sent} MiB`);
  });

  it("closes at once with TLS too, whoever holds a connection without a handshake", async (t) => {
    const folder = await certificateFiles(t, await certificateFor(["localhost"]));
    const logger = pino({ level: "silent" });
    const certificate = await openCertificate(folder.files, "localhost", logger);
    t.after(() => certificate.close());
    const options = { hosts: ["127.0.0.1"], logger, certificate };
    const secured = await openWebhook({ port: 0, secret }, options, () => undefined);
    const { hostname, port } = new URL(secured.url);
    const silent = connect(Number(port), hostname);
    silent.on("error", () => undefined);
    await once(silent, "connect");
    // The server knows of it once it takes the next one.
    const next = tlsConnect({ host: hostname, port: Number(port), rejectUnauthorized: false });
    next.on("error", () => undefined);
    await once(next, "secureConnect");
    const closed = once(silent.resume(), "close");
    await secured.close();
    await closed;
  });

  it("says who is in the way when its port is taken", async () => {
    const options = { hosts: ["127.0.0.1"], logger: pino({ level: "silent" }) };
    const port = Number(new URL(endpoint.url).port);
    await assert.rejects(
      openWebhook({ port, secret }, options, () => undefined),
      {
        code: "PORT_IN_USE",
        hint: /--webhook-port/,
      },
    );
  });
});
