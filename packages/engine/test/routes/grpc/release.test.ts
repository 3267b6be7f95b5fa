import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { backend, named, route, tableOf } from "./harness.ts";

describe("release", () => {
  it("waits for the calls under way, then closes the connections", async (t) => {
    const arrived = Promise.withResolvers<() => void>();
    const stable = await backend(t, {
      Unary: (_call, answer) => arrived.resolve(() => answer(null, Buffer.from("whole"))),
    });
    const { client, router } = await route(t, tableOf({ stable: stable.address }));
    const answer = client.unary();
    const end = await arrived.promise;
    let released = false;
    const release = router.release(stable.address, 60_000).then(() => {
      released = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(released, false);
    end();
    assert.equal(String(await answer), "whole");
    await release;
    // Without connections a server that shuts down has nothing to wait for.
    await new Promise((resolve) => stable.server.tryShutdown(resolve));
  });

  it("gives up waiting after its time-out, and the call goes on", async (t) => {
    const stable = await backend(t, {
      Bidi: (call) => call.on("data", (m) => call.write(m)).on("end", () => call.end()),
    });
    const { client, router } = await route(t, tableOf({ stable: stable.address }));
    const call = client.bidi();
    call.write(Buffer.from("1"));
    await once(call, "data");
    await router.release(stable.address, 50);
    call.write(Buffer.from("2"));
    assert.equal(String((await once(call, "data"))[0]), "2");
    const ended = once(call, "status");
    call.resume().end();
    assert.equal((await ended)[0].code, 0);
  });

  it("of an address that was never called, or of none, is done at once", async (t) => {
    const { router } = await route(t, tableOf({}));
    await router.release("127.0.0.1:1", 60_000);
  });

  it("leaves the address usable if it is routed to again", async (t) => {
    const stable = await named(t, "stable");
    const { client, router } = await route(t, tableOf({ stable: stable.address }));
    assert.equal(await client.select(), "stable");
    await router.release(stable.address, 60_000);
    assert.equal(await client.select(), "stable");
    await router.release(stable.address, 60_000);
    assert.equal(await client.select(), "stable");
  });

  it("while connections are being opened loses none of their calls", async (t) => {
    const stable = await named(t, "stable");
    const { client, router } = await route(t, tableOf({ stable: stable.address }));
    const calls = Promise.all(Array.from({ length: 50 }, () => client.select()));
    await Promise.all([
      router.release(stable.address, 60_000),
      router.release(stable.address, 60_000),
      calls,
    ]);
    assert.deepEqual(new Set(await calls), new Set(["stable"]));
  });
});
