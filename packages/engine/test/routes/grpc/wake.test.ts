import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { status } from "@grpc/grpc-js";
import { type CanaryUseRecord, trackCanaryUse } from "../../../src/routes/canary-use.ts";
import { grpcTimeout } from "../../../src/routes/grpc/call-use.ts";
import { backend, dial, metadata, named, route, tableOf } from "./harness.ts";

const SLEEPING = tableOf({ canaries: { 7: { state: "sleeping", holds: true } } });

/** A router with a canary that sleeps until somebody waits for it; how often it was woken. */
async function sleeper(t: TestContext, awake: string | undefined, wakeTimeout = 5_000) {
  let table = SLEEPING;
  let changes = 0;
  const use: CanaryUseRecord = trackCanaryUse({
    idle: 1_000,
    wakeTimeout,
    onChange: () => {
      changes += 1;
      if (awake === undefined || !use.usage().awaited.has("store-canary-pr-7")) return;
      setTimeout(() => {
        table = tableOf({ canaries: { 7: awake } });
        use.published(table);
      }, 20);
    },
  });
  return { ...(await route(t, () => table, { use })), use, changes: () => changes };
}

describe("a call for a canary that sleeps", () => {
  it("waits until it is awake, as others do, and is served by it", async (t) => {
    const { address } = await named(t, "seven");
    const { client } = await sleeper(t, address);
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.select("7")));
    assert.deepEqual(new Set(answers), new Set(["seven"]));
  });

  it("sends all of a streamed request that came while it waited", async (t) => {
    const { address } = await backend(t, {
      ClientStream: (call, done) => {
        let bytes = 0;
        call.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
        });
        call.on("end", () => done(null, Buffer.from(String(bytes))));
      },
    });
    const { client } = await sleeper(t, address);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const stream = client.clientStream(
      (error, value) => (error === null ? resolve(String(value)) : reject(error)),
      metadata({ "x-canary": "7" }),
    );
    for (let i = 0; i < 30; i += 1) stream.write(Buffer.alloc(10_000));
    stream.end();
    assert.equal(await promise, "300000");
  });

  it("is UNAVAILABLE when the wait is over", async (t) => {
    const { client } = await sleeper(t, undefined, 50);
    await assert.rejects(client.select("7"), { code: status.UNAVAILABLE, details: /sleeping/ });
  });

  it("waits no longer than its own deadline, and is forgotten when its client gives up", async (t) => {
    const { port, use } = await sleeper(t, undefined);
    const client = dial(t, port);
    const call = client.unary("", metadata({ "x-canary": "7" }), new Date(Date.now() + 100));
    await assert.rejects(
      call,
      ({ code }) => code === status.DEADLINE_EXCEEDED || code === status.UNAVAILABLE,
    );
    while (use.usage().awaited.size > 0) await new Promise(setImmediate);
  });

  it("keeps it in use for as long as a stream goes on", async (t) => {
    const began = Promise.withResolvers<void>();
    const { address } = await backend(t, {
      Bidi: (call) => {
        call.on("data", () => began.resolve());
        call.on("end", () => call.end());
      },
    });
    const { client, use } = await sleeper(t, address);
    const stream = client.bidi(metadata({ "x-canary": "7" }));
    stream.on("data", () => undefined);
    stream.write(Buffer.from("hello"));
    await began.promise;
    assert.deepEqual([...use.usage().busy], ["store-canary-pr-7"]);
    stream.end();
    while (use.usage().busy.size > 0) await new Promise(setImmediate);
    assert.ok((use.usage().lastUsed.get("store-canary-pr-7") ?? 0) > 0);
  });
});

describe("a call for stable, which died", () => {
  it("waits until it is started again, also when the table does not know it yet", async (t) => {
    const { address } = await named(t, "stable");
    let table = tableOf({ stable: "127.0.0.1:1" });
    const use = trackCanaryUse({ idle: 1_000, wakeTimeout: 5_000, onChange: () => undefined });
    const { client } = await route(t, () => table, { use });
    const answer = client.unary("");
    setTimeout(() => {
      table = tableOf({ stable: { state: "failed", holds: true } });
      use.published(table);
    }, 10);
    while (!use.usage().awaited.has("store")) await new Promise(setImmediate);
    table = tableOf({ stable: address });
    use.published(table);
    assert.equal(String(await answer), "stable");
  });
});

describe("a deadline", () => {
  it("is read as the protocol says", () => {
    assert.deepEqual(
      ["1H", "2M", "3S", "4m", "5000u", "6000000n"].map(grpcTimeout),
      [3_600_000, 120_000, 3_000, 4, 5, 6],
    );
    assert.deepEqual(["", "S", "1s", "123456789S", "-1S"].map(grpcTimeout), Array(5).fill(undefined));
  });
});
