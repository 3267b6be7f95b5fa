import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { PerchError } from "@perch/core";
import { listenOnAll } from "../../src/routes/listen.ts";

const portHint = "Choose another with --edge-port.";

async function listen(t: TestContext, addresses: { host: string; port: number }[]) {
  const made: Server[] = [];
  const createOne = () => {
    const server = createServer();
    made.push(server);
    return server;
  };
  t.after(() => {
    for (const server of made) if (server.listening) server.close();
  });
  const result = listenOnAll({ addresses, createServer: createOne, portHint });
  return { made, result };
}

async function takenPort(t: TestContext): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** The second one is not on every machine, and may then be left out. */
const LOOPBACKS = ["127.0.0.1", "::1"];

describe("listenOnAll", () => {
  it("listens on every address, all with the one port that was free", async (t) => {
    const { result } = await listen(
      t,
      LOOPBACKS.map((host) => ({ host, port: 0 })),
    );
    const { servers, listening } = await result;
    assert.deepEqual(
      listening.map(({ host }) => host),
      LOOPBACKS.slice(0, listening.length),
    );
    assert.equal(servers.length, listening.length);
    assert.equal(new Set(listening.map(({ port }) => port)).size, 1);
    assert.ok(servers.every((server) => server.listening));
  });

  it("names a port that is taken and what to do, and leaves nothing bound", async (t) => {
    const port = await takenPort(t);
    const { made, result } = await listen(t, [
      { host: "::1", port },
      { host: "127.0.0.1", port },
    ]);
    await assert.rejects(result, (error: unknown) => {
      assert.ok(error instanceof PerchError);
      assert.deepEqual([error.code, error.fault, error.hint], ["PORT_IN_USE", "user", portHint]);
      assert.match(error.message, new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken`));
      return true;
    });
    assert.ok(made.every((server) => !server.listening));
  });

  it("goes on without an IPv6 address that this machine does not have", async (t) => {
    const { result } = await listen(t, [
      { host: "2001:db8::1", port: 0 },
      { host: "127.0.0.1", port: 0 },
    ]);
    const { listening } = await result;
    assert.deepEqual(
      listening.map(({ host }) => host),
      ["127.0.0.1"],
    );
  });

  it("fails when no address is left, or an IPv4 address is not of this machine", async (t) => {
    for (const host of ["2001:db8::1", "192.0.2.1"]) {
      const { result } = await listen(t, [{ host, port: 0 }]);
      await assert.rejects(result, { code: "ADDRESS_UNAVAILABLE", fault: "environment", hint: /ip addr/ });
    }
  });
});
