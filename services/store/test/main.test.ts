import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { Client, credentials, status } from "@grpc/grpc-js";
import {
  type Database,
  databaseEnv,
  endings,
  samples,
  spawnService,
  startDatabase,
  startGate,
} from "@shop/common/testing";
import { service as health } from "grpc-health-check";
import { ask, itemsOf, startReadyStore, startStore, untilReady } from "./support/running-store.ts";

const IDENTITY = { CANARY_SERVICE: "store", CANARY_PR: "45", CANARY_REVISION: "ab12cd34ef56" };

/** The statuses that a health watch sees, one at a time. */
function watchHealth(address: string) {
  const { Watch } = health;
  assert.ok(Watch !== undefined);
  const client = new Client(address, credentials.createInsecure());
  const stream = client.makeServerStreamRequest(
    Watch.path,
    Watch.requestSerialize,
    Watch.responseDeserialize,
    { service: "" },
  );
  stream.on("error", () => client.close());
  return { next: async () => (await once(stream, "data"))[0].status as string };
}

describe("a store process", () => {
  const all = endings();
  let database: Database;
  before(async () => {
    database = await startDatabase(all);
  });
  after(all.end);

  it("writes JSON lines only, each with its identity", async (t) => {
    const store = await startReadyStore(t, { ...database.env, ...IDENTITY });
    await itemsOf(store.client).list();
    assert.equal(await store.service.stop(), 0);
    assert.deepEqual(
      store.service.lines.map((line) => line.msg),
      ["listening", "table is ready", "call", "stopping", "stopped"],
    );
    for (const line of store.service.lines) {
      assert.equal(line.service, "store");
      assert.equal(line.canary_pr, "45");
      assert.equal(line.revision, "ab12cd34ef56");
      assert.ok(!Number.isNaN(Date.parse(String(line.time))));
    }
  });

  it("is stable when nobody says who it is", async (t) => {
    const { service } = await startReadyStore(t, database.env);
    assert.equal(service.lines[0]?.service, "store");
    assert.equal(service.lines[0]?.canary_pr, "stable");
  });

  it("has metrics with its identity, and calls by method and code", async (t) => {
    const store = await startReadyStore(t, { ...database.env, ...IDENTITY, METRICS_PORT: "0" });
    await assert.rejects(itemsOf(store.client).get("no-such-item"));
    const url = `http://127.0.0.1:${store.service.lines[0]?.metricsPort}`;
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const labels = {
      grpc_method: "GetItem",
      grpc_code: "NOT_FOUND",
      canary_pr: "45",
      revision: "ab12cd34ef56",
    };
    assert.deepEqual(samples(metrics, "grpc_server_call_duration_seconds_count", labels), [1]);
    assert.deepEqual(samples(metrics, "perch_invalid_selectors_total", { reason: "malformed" }), [0]);
    assert.equal((await fetch(url)).status, 404);
    assert.equal(await store.service.stop(), 0);
  });

  it("finishes the call in flight when it is asked to stop, and says NOT_SERVING meanwhile", async (t) => {
    const gate = await startGate(t, database.port);
    const store = await startReadyStore(t, {
      ...database.env,
      ...databaseEnv(gate.port),
      SHUTDOWN_GRACE_MS: "60000",
    });
    const watch = watchHealth(store.address);
    assert.equal(await watch.next(), "SERVING");
    gate.hold();
    const created = itemsOf(store.client).create({ id: "in-flight" });
    await gate.held();
    const stopped = watch.next();
    store.service.process.kill("SIGTERM");
    assert.equal(await stopped, "NOT_SERVING");
    gate.release();
    assert.equal((await created).item?.id, "in-flight");
    store.client.close();
    assert.equal(await store.service.exited, 0);
  });

  it("cuts off what is not done after the grace, and still ends in good order", async (t) => {
    const gate = await startGate(t, database.port);
    const store = await startReadyStore(t, {
      ...database.env,
      ...databaseEnv(gate.port),
      SHUTDOWN_GRACE_MS: "100",
    });
    gate.hold();
    const lost = assert.rejects(itemsOf(store.client).get("a"));
    await gate.held();
    assert.equal(await store.service.stop(), 0);
    await lost;
  });

  it("with wrong settings ends at once, and its last line names each", async (t) => {
    const service = spawnService(t, "@shop/store", { PORT: "x", STORE_SEED: "maybe" });
    assert.equal(await service.exited, 1);
    const { level, problems } = await service.line((line) => line.level === "fatal");
    assert.equal(level, "fatal");
    assert.equal((problems as string[]).length, 2);
  });

  it("says that its port is in use, and ends", async (t) => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    const service = spawnService(t, "@shop/store", { ...database.env, PORT: String(port) });
    assert.equal(await service.exited, 1);
    const { msg } = await service.line((line) => line.level === "fatal");
    assert.match(String(msg), new RegExp(`cannot listen on 127.0.0.1:${port}.*in use`, "i"));
    taken.close();
  });
});

describe("a database", () => {
  it("that comes later is waited for: NOT_SERVING and UNAVAILABLE until then, and samples after", async (t) => {
    const early = await startDatabase(t);
    await early.stop();
    const store = await startStore(t, { ...early.env, STORE_SEED: "true" });
    const watch = watchHealth(store.address);
    assert.equal(await watch.next(), "NOT_SERVING");
    await assert.rejects(itemsOf(store.client).list(), { code: status.UNAVAILABLE, details: /starting/ });
    await store.service.line((line) => line.msg === "the database cannot be used yet");
    const serving = watch.next();
    await startDatabase(t, early.port);
    assert.equal(await serving, "SERVING");
    const { items } = await itemsOf(store.client).list();
    assert.equal(items.length, 3);
    assert.ok(items.every((item) => item.version === 1 && item.priceCents > 0));
  });

  it("that is empty is set up once by two stores that start together", async (t) => {
    const database = await startDatabase(t);
    const env = { ...database.env, STORE_SEED: "true" };
    const stores = await Promise.all([
      startStore(t, env),
      startStore(t, { ...env, CANARY_PR: "1" }),
      startStore(t, env),
    ]);
    await Promise.all(stores.map(untilReady));
    const creators = stores.filter(({ service }) => service.lines.some((line) => line.created === true));
    assert.equal(creators.length, 1);
    for (const { client } of stores) assert.equal((await itemsOf(client).list()).items.length, 3);
    assert.deepEqual(await Promise.all(stores.map((store) => store.service.stop())), [0, 0, 0]);
  });

  it("with a table already gets no samples back that somebody deleted", async (t) => {
    const database = await startDatabase(t);
    const env = { ...database.env, STORE_SEED: "true" };
    const first = await startReadyStore(t, env);
    for (const { id } of (await itemsOf(first.client).list()).items) await itemsOf(first.client).delete(id);
    await first.service.stop();
    const second = await startReadyStore(t, env);
    assert.deepEqual((await itemsOf(second.client).list()).items, []);
  });

  it("that goes away makes calls UNAVAILABLE, without a word of its address", async (t) => {
    const database = await startDatabase(t);
    const store = await startReadyStore(t, database.env);
    await database.stop();
    await assert.rejects(itemsOf(store.client).list(), {
      code: status.UNAVAILABLE,
      details: "The database does not answer: try again in a moment.",
    });
    await startDatabase(t, database.port);
    // It is empty, so there is no table either: that too is the database's trouble, and not the client's.
    await assert.rejects(itemsOf(store.client).list(), { code: status.UNAVAILABLE });
  });

  it("that hangs does not keep a call beyond its deadline", async (t) => {
    const database = await startDatabase(t);
    const store = await startReadyStore(t, database.env);
    database.freeze();
    const late = ask(
      store.client.listItems.bind(store.client),
      { pageSize: 0, pageToken: "" },
      { deadline: Date.now() + 200 },
    );
    await assert.rejects(late, { code: status.DEADLINE_EXCEEDED });
    database.thaw();
    assert.deepEqual((await itemsOf(store.client).list()).items, []);
  });
});
