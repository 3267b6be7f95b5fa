import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { describe, it } from "node:test";
import { PerchError } from "@perch/core";
import { startGrpcRouter } from "../../../src/routes/grpc/index.ts";
import { backend, dial, named, route, silent, tableOf } from "./harness.ts";
import { rawClient } from "./raw.ts";

describe("listening", () => {
  it("is on every address with one port", async (t) => {
    const stable = await named(t, "stable");
    const router = await startGrpcRouter({
      listen: ["127.0.0.1", "127.0.0.2"].map((host) => ({ host, port: 0 })),
      service: "store",
      table: () => tableOf({ stable: stable.address }),
      logger: silent,
    });
    t.after(() => router.close(0));
    assert.deepEqual(
      router.listening.map(({ host }) => host),
      ["127.0.0.1", "127.0.0.2"],
    );
    const [port, ...others] = new Set(router.listening.map((address) => address.port));
    assert.deepEqual(others, []);
    assert.equal(await dial(t, port ?? 0).select(), "stable");
  });

  it("fails with PORT_IN_USE on a port that is taken", async (t) => {
    const taken = createServer().listen(0, "127.0.0.1");
    t.after(() => taken.close());
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const start = startGrpcRouter({
      listen: [{ host: "127.0.0.1", port }],
      service: "store",
      table: () => tableOf({}),
      logger: silent,
    });
    await assert.rejects(start, (error) => error instanceof PerchError && error.code === "PORT_IN_USE");
  });
});

describe("close", () => {
  it("lets calls under way end and takes no new one", async (t) => {
    const arrived = Promise.withResolvers<() => void>();
    const stable = await backend(t, {
      Unary: (_call, answer) => arrived.resolve(() => answer(null, Buffer.from("whole"))),
    });
    const { client, router, port } = await route(t, tableOf({ stable: stable.address }));
    const answer = client.unary();
    const end = await arrived.promise;
    const closed = router.close(60_000);
    await assert.rejects(dial(t, port).unary(), { code: 14 });
    end();
    assert.equal(String(await answer), "whole");
    await closed;
  });

  it("cuts what is left when the grace is over, and does so once", async (t) => {
    const cancelled = Promise.withResolvers<void>();
    const stable = await backend(t, {
      ServerStream: (call) => {
        call.on("cancelled", cancelled.resolve);
        call.write(Buffer.from("endless"));
      },
    });
    const { client, router } = await route(t, tableOf({ stable: stable.address }));
    const stream = client.serverStream();
    await once(stream, "data");
    const [[error]] = await Promise.all([once(stream, "error"), router.close(0), router.close(60_000)]);
    assert.equal(error.code, 14);
    await cancelled.promise;
  });

  it("ends connections that have sent nothing", async (t) => {
    const { router, port } = await route(t, tableOf({}));
    const session = await rawClient(t, port);
    await Promise.all([once(session, "close"), router.close(60_000)]);
  });

  it("does not wait for a client that never hangs up", { timeout: 20_000 }, async (t) => {
    const { router, port } = await route(t, tableOf({}));
    const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    t.after(() => client.destroy());
    client.on("error", () => {});
    // The preface and empty settings (RFC 9113, section 3.4), and no more.
    client.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");
    await once(client, "data");
    await router.close(50);
  });
});
