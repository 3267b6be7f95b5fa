import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  addressOf,
  databaseEnv,
  endings,
  samples,
  spawnService,
  startDatabase,
  startGate,
} from "@shop/common/testing";
import { assertProblem } from "./support/assert-problem.ts";
import { send, startApi, startStore } from "./support/shop.ts";

const IDENTITY = { CANARY_SERVICE: "api", CANARY_PR: "7", CANARY_REVISION: "0123456789ab" };
const STORE = { CANARY_SERVICE: "store", CANARY_REVISION: "v1.4.0" };

const all = endings();
let STORE_ADDR: string;

before(async () => {
  STORE_ADDR = (await startStore(all, STORE)).address;
});
after(all.end);

/** As a kubelet asks: the first look at a store connects, and a busy machine may need more than one. */
async function untilReady(url: string) {
  for (;;) {
    const answer = await send(`${url}/readyz`);
    if (answer.status === 200) return answer;
    await sleep(100);
  }
}

describe("an API process", () => {
  it("says who it is, and is alive and ready", async (t) => {
    const { url } = await startApi(t, { ...IDENTITY, STORE_ADDR });
    assert.deepEqual((await send(`${url}/version`)).body, {
      service: "api",
      pr: 7,
      revision: "0123456789ab",
    });
    assert.deepEqual((await send(`${url}/livez`)).body, { status: "ok" });
    assert.deepEqual((await untilReady(url)).body, { status: "ok" });
  });

  it("is stable, with its own name, when nobody says who it is", async (t) => {
    const { url } = await startApi(t, { STORE_ADDR });
    assert.deepEqual((await send(`${url}/version`)).body, { service: "api" });
  });

  it("is not ready before its store was reached once, and stays ready when the store goes", async (t) => {
    const lonely = await startApi(t, { STORE_ADDR: "127.0.0.1:1" });
    assertProblem(await send(`${lonely.url}/readyz`), 503, /STORE_ADDR/);
    assert.equal((await send(`${lonely.url}/livez`)).status, 200);

    const { store, address } = await startStore(t);
    const { url } = await startApi(t, { STORE_ADDR: address });
    await untilReady(url);
    await store.stop();
    assert.equal((await send(`${url}/readyz`)).status, 200);
    assertProblem(await send(`${url}/api/items`), 503);
  });

  it("names itself and its store in the trail, with errors too, when the request has a selector", async (t) => {
    const { url } = await startApi(t, { ...IDENTITY, STORE_ADDR });
    const trail = '"api";pr=7;rev="0123456789ab", "store";rev="v1.4.0"';
    for (const path of ["/api/items", "/api/items/nothing"]) {
      const { headers } = await send(`${url}${path}`, { headers: { "x-canary": "api=7" } });
      assert.equal(headers.get("x-canary-trail"), trail);
      assert.equal(headers.get("x-canary-echo"), "api=7");
    }
    const { headers } = await send(`${url}/api/items`);
    assert.equal(headers.get("x-canary-trail"), null);
    assert.equal(headers.get("vary"), "X-Canary");
  });

  it("has metrics by route, never by path, with its own identity, whatever the request says", async (t) => {
    const { url } = await startApi(t, { ...IDENTITY, STORE_ADDR });
    await send(`${url}/api/items/some-secret-id`, { headers: { "x-canary": "api=99" } });
    await send(`${url}/some-secret-path`);
    const metrics = String((await send(`${url}/metrics`)).body);
    const identity = { service: "api", canary_pr: "7", revision: "0123456789ab" };
    const count = (labels: Record<string, string>) =>
      samples(metrics, "http_server_request_duration_seconds_count", { ...identity, ...labels });
    assert.deepEqual(count({ method: "GET", route: "/api/items/:id", status: "404" }), [1]);
    assert.deepEqual(count({ route: "none", status: "404" }), [1]);
    assert.doesNotMatch(metrics, /secret|99"/);
  });

  it("counts invalid selectors by reason, and shows none", async (t) => {
    const { url } = await startApi(t, { ...IDENTITY, STORE_ADDR });
    for (const selector of ["secret!", "api=1,api=2", "7"])
      await send(`${url}/api/items`, { headers: { "x-canary": selector } });
    const metrics = String((await send(`${url}/metrics`)).body);
    const count = (reason: string) => samples(metrics, "perch_invalid_selectors_total", { reason });
    assert.deepEqual(["malformed", "duplicate-service", "too-long"].map(count), [[1], [1], [0]]);
    assert.doesNotMatch(metrics, /secret/);
  });

  it("writes JSON lines only, each with its identity, and none with what a client chose", async (t) => {
    const { url, service } = await startApi(t, { ...IDENTITY, STORE_ADDR });
    await send(`${url}/api/items/secret?x=secret`, {
      headers: { "x-canary": "secret!", "user-agent": "secret" },
    });
    await send(`${url}/readyz`);
    assert.equal(await service.stop(), 0);
    assert.deepEqual(
      service.lines.map((line) => line.msg),
      ["listening", "request", "stopping", "stopped"],
    );
    for (const line of service.lines) {
      assert.deepEqual([line.service, line.canary_pr, line.revision], ["api", "7", "0123456789ab"]);
    }
    assert.doesNotMatch(JSON.stringify(service.lines), /secret/);
  });

  it("with wrong settings ends at once, and its last line names each", async (t) => {
    const service = spawnService(t, "@shop/api", { PORT: "x", STORE_ADDR: "y" });
    assert.equal(await service.exited, 1);
    const { problems } = await service.line((line) => line.level === "fatal");
    assert.equal((problems as string[]).length, 2);
  });
});

describe("an API that is asked to stop", () => {
  async function inFlight(t: Parameters<typeof startApi>[0], env: Record<string, string>) {
    const gate = await startGate(t, Number(STORE_ADDR.split(":")[1]));
    const api = await startApi(t, {
      STORE_ADDR: `127.0.0.1:${gate.port}`,
      STORE_TIMEOUT_MS: "60000",
      ...env,
    });
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    gate.hold();
    const request = get(`${api.url}/api/items`, { agent });
    const response = once(request, "response") as Promise<[IncomingMessage]>;
    await gate.held();
    return { gate, service: api.service, response };
  }

  it("finishes the request in flight, tells its connection to close, and ends with exit code 0", async (t) => {
    const { gate, service, response } = await inFlight(t, { SHUTDOWN_GRACE_MS: "60000" });
    service.process.kill("SIGTERM");
    await service.line((line) => line.msg === "stopping");
    gate.release();
    const [message] = await response;
    const { statusCode, headers } = message.resume();
    assert.equal(statusCode, 200);
    assert.equal(headers.connection, "close");
    assert.equal(await service.exited, 0);
  });

  it("cuts off what is not done after the grace, and still ends in good order", async (t) => {
    const { service, response } = await inFlight(t, { SHUTDOWN_GRACE_MS: "100" });
    const lost = assert.rejects(response);
    assert.equal(await service.stop(), 0);
    await lost;
  });

  it("ends at once when nothing is in flight, though clients keep connections open", async (t) => {
    const { url, service } = await startApi(t, { STORE_ADDR, SHUTDOWN_GRACE_MS: "60000" });
    assert.equal((await send(`${url}/livez`)).status, 200);
    assert.equal(await service.stop(), 0);
  });
});

describe("a client that goes away", () => {
  it("ends the call of the store too, also after its request's body was read", async (t) => {
    const database = await startDatabase(t);
    const gate = await startGate(t, database.port);
    const store = spawnService(t, "@shop/store", { ...database.env, ...databaseEnv(gate.port) });
    await store.line((line) => line.msg === "table is ready");
    const { url } = await startApi(t, { STORE_ADDR: await addressOf(store), STORE_TIMEOUT_MS: "60000" });
    gate.hold();
    const gone = new AbortController();
    const json = { name: "Perch", priceCents: 1 };
    const lost = assert.rejects(send(`${url}/api/items`, { method: "POST", json, signal: gone.signal }));
    await gate.held();
    gone.abort();
    await lost;
    await store.line((line) => line.method === "CreateItem" && line.code === "CANCELLED");
  });
});
