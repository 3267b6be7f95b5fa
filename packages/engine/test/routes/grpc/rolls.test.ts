import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { named, route, tableOf } from "./harness.ts";

describe("a roll", () => {
  /** Callers that never pause, and what went wrong for them. */
  function load(select: () => Promise<string>) {
    const served = new Map<string, number>();
    const failures: unknown[] = [];
    let on = true;
    const caller = async () => {
      while (on) {
        try {
          const name = await select();
          served.set(name, (served.get(name) ?? 0) + 1);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const callers = Promise.all(Array.from({ length: 16 }, caller));
    const stop = async () => {
      on = false;
      await callers;
    };
    return { served, failures, stop };
  }

  it("fails no call in 50 changes of the table, each followed by the end of the old backend", async (t) => {
    let current = await named(t, "0");
    let table = tableOf({ canaries: { 7: current.address } });
    const { client, router } = await route(t, () => table);
    assert.equal(await client.select("7"), "0");
    const { served, failures, stop } = load(() => client.select("7"));
    for (let n = 1; n <= 50; n += 1) {
      const old = current;
      current = await named(t, String(n));
      table = tableOf({ canaries: { 7: current.address } });
      await router.release(old.address, 60_000);
      old.server.forceShutdown();
      assert.equal(await client.select("7"), String(n));
    }
    await stop();
    assert.deepEqual(failures, []);
    assert.equal(served.has("50"), true);
  });

  it("fails no call when the old backend shuts down by itself as soon as the table has changed", async (t) => {
    let current = await named(t, "0");
    let table = tableOf({ stable: current.address });
    const { client } = await route(t, () => table);
    const { failures, stop } = load(() => client.select());
    for (let n = 1; n <= 20; n += 1) {
      const old = current;
      current = await named(t, String(n));
      table = tableOf({ stable: current.address });
      await new Promise((resolve) => old.server.tryShutdown(resolve));
      assert.equal(await client.select(), String(n));
    }
    await stop();
    assert.deepEqual(failures, []);
  });
});
