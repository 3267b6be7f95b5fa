import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import type { RouteTable } from "@perch/core";
import { Backends } from "../../../src/routes/http/backends.ts";
import { bodyOf, edge, edgeFor, send, startBackend, type TestBackend, tableOf } from "./harness.ts";

describe("release", () => {
  it("waits for answers under way, then closes the connections", async (t) => {
    const arrived = Promise.withResolvers<() => void>();
    const { port, router, backend } = await edgeFor(t, (req, res) => {
      res.write("begun ");
      arrived.resolve(() => res.end(req.url));
    });
    const connected = once(backend.server, "connection") as Promise<[Socket]>;
    const answer = send(port, { path: "/ended" });
    const end = await arrived.promise;
    const closed = once((await connected)[0], "close");
    let released = false;
    const release = router.release(backend.address, 60_000).then(() => {
      released = true;
    });
    await new Promise(setImmediate);
    assert.equal(released, false);
    end();
    assert.equal((await answer).body, "begun /ended");
    await release;
    await closed;
  });

  it("gives up waiting after its time, and what is left goes on", async (t) => {
    const arrived = Promise.withResolvers<() => void>();
    const { port, router, backend } = await edgeFor(t, (_req, res) => {
      res.write("begun ");
      arrived.resolve(() => res.end("ended"));
    });
    const answer = send(port);
    const end = await arrived.promise;
    await router.release(backend.address, 1);
    end();
    assert.equal((await answer).body, "begun ended");
  });

  it("resolves at once for an address that was never used, and lets an address be used again", async (t) => {
    const { port, router, backend } = await edgeFor(t, (_req, res) => res.end("ok"));
    await router.release("127.0.0.1:1", 60_000);
    assert.equal((await send(port)).body, "ok");
    await router.release(backend.address, 60_000);
    assert.equal((await send(port)).body, "ok");
    await router.release(backend.address, 60_000);
  });

  it("does not wait for a request whose client went away", async (t) => {
    const arrived = Promise.withResolvers<void>();
    const { port, router, backend } = await edgeFor(t, () => arrived.resolve());
    const request = httpRequest({ host: "127.0.0.1", port, agent: false }).end();
    request.on("error", () => {});
    await arrived.promise;
    request.destroy();
    await router.release(backend.address, 60_000);
  });

  it("fails no request while backends replace each other under load", async (t) => {
    const started: TestBackend[] = [];
    const start = async () => {
      const next = await startBackend(async (req, res) => res.end(await bodyOf(req)));
      started.push(next);
      return next;
    };
    t.after(() => Promise.all(started.map((each) => each.close())));
    let current = await start();
    let table: RouteTable = tableOf({ api: { stable: current.address, prefix: "/" } });
    const { port, router } = await edge(t, () => table);

    let rolling = true;
    let answered = 0;
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    t.after(() => agent.destroy());
    const client = async () => {
      for (let i = 0; rolling; i++) {
        const answer =
          i % 2 === 0
            ? await send(port, { agent })
            : await send(port, { agent, method: "POST", body: "item" });
        assert.deepEqual([answer.status, answer.body], [200, i % 2 === 0 ? "" : "item"]);
        answered++;
      }
    };
    const clients = Promise.all(Array.from({ length: 16 }, client));
    for (let roll = 0; roll < 50; roll++) {
      const old = current;
      current = await start();
      table = tableOf({ api: { stable: current.address, prefix: "/" } });
      const before = answered;
      await router.release(old.address, 60_000);
      // As a stopped process would: every connection gone at once.
      await old.close();
      while (answered < before + 32) await Promise.race([clients, new Promise(setImmediate)]);
    }
    rolling = false;
    await clients;
    assert.ok(answered >= 50 * 32);
  });
});

describe("Backends", () => {
  it("forgets a failed address only while nothing is under way", async (t) => {
    const backends = new Backends();
    t.after(() => backends.destroy());
    const connections = backends.enter("127.0.0.1:1");
    backends.forget("127.0.0.1:1", connections);
    assert.equal(backends.enter("127.0.0.1:1"), connections);
    connections.leave();
    connections.leave();
    backends.forget("127.0.0.1:1", connections);
    assert.notEqual(backends.enter("127.0.0.1:1"), connections);
  });

  it("still counts, after a release that gave up, what was under way before it", async (t) => {
    const backends = new Backends();
    t.after(() => backends.destroy());
    const old = backends.enter("127.0.0.1:1");
    await backends.release("127.0.0.1:1", 1);
    const again = backends.enter("127.0.0.1:1");
    assert.equal(backends.inFlight("127.0.0.1:1"), 2);
    again.leave();
    old.leave();
    await backends.release("127.0.0.1:1", 60_000);
    assert.equal(backends.inFlight("127.0.0.1:1"), 0);
  });
});
