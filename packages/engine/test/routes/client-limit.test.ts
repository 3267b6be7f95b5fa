import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { connect as connectTls } from "node:tls";
import { ClientLimit, mostClients, openFiles } from "../../src/routes/client-limit.ts";
import { eventually } from "../support/processes.ts";
import * as grpc from "./grpc/harness.ts";
import { addressOf, backend, bodyOf, edge, rawSocket, send, silent, tableOf } from "./http/harness.ts";
import { secureEdge, session, stubbornClient } from "./http/secure-harness.ts";
import { GOAWAY, PREFACE } from "./http2-attacks.ts";

const MOST = 4;

const limitOf = (most: number = MOST) => new ClientLimit(most, silent);

/** A service whose `/slow` answers when it is told to. */
async function slowService(t: TestContext) {
  const { promise: mayAnswer, resolve: answerSlow } = Promise.withResolvers<void>();
  let slow = 0;
  const stable = await backend(t, async (req, res) => {
    if (req.url === "/slow") {
      slow++;
      await mayAnswer;
    }
    res.end("stable");
  });
  const areUnderWay = (count: number) => eventually(async () => assert.equal(slow, count));
  return { table: tableOf({ api: { stable: stable.address, prefix: "/" } }), answerSlow, areUnderWay };
}

async function limitedEdge(t: TestContext, limit: ClientLimit = limitOf()) {
  const service = await slowService(t);
  return { ...service, ...(await edge(t, service.table, { limit })) };
}

async function limitedSecureEdge(t: TestContext, limit: ClientLimit = limitOf()) {
  const service = await slowService(t);
  return { ...service, ...(await secureEdge(t, service.table, { limit })) };
}

/** A connection that says nothing. */
async function silentSocket(t: TestContext, port: number): Promise<Socket> {
  return (await rawSocket(t, port)).resume();
}

/** A connection that asked once, was answered, and is kept. */
async function waitingSocket(t: TestContext, port: number, path = "/"): Promise<Socket> {
  const socket = await silentSocket(t, port);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  if (path === "/") await once(socket, "data");
  return socket;
}

const closedOf = (sockets: readonly { readonly closed: boolean }[]) =>
  sockets.filter(({ closed }) => closed).length;

describe("the limit of clients' connections", () => {
  it("leaves half of the open files that are not perch's own to connections to backends", () => {
    assert.deepEqual([65_536, 1024, 256, 160, 1].map(mostClients), [32_704, 448, 64, 40, 1]);
    assert.equal(mostClients(Number.POSITIVE_INFINITY), 32_704);
    assert.ok(openFiles() >= 64);
  });

  it("ends those that never asked, oldest first, and nobody else, however many come", async (t) => {
    const { port } = await limitedEdge(t);
    const kept = await waitingSocket(t, port);
    const flood: Socket[] = [];
    for (let i = 0; i < 40; i += 1) flood.push(await silentSocket(t, port));
    await eventually(async () => assert.equal(closedOf(flood), flood.length - (MOST - 1)));
    assert.equal(
      flood.slice(-3).some(({ closed }) => closed),
      false,
    );
    assert.equal((await send(port, { agent: false })).body, "stable");
    kept.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert.match(String((await once(kept, "data"))[0]), /^HTTP\/1.1 200/);
  });

  it("then ends one that waits between requests, and none with a request under way", async (t) => {
    const { port, answerSlow, areUnderWay } = await limitedEdge(t);
    const busy = [];
    for (let i = 0; i < MOST - 1; i += 1) busy.push(await waitingSocket(t, port, "/slow"));
    await areUnderWay(MOST - 1);
    const waiting = await waitingSocket(t, port);
    assert.equal((await send(port, { agent: false })).body, "stable");
    await eventually(async () => assert.ok(waiting.closed));
    const last = await waitingSocket(t, port, "/slow");
    await areUnderWay(MOST);
    // Nothing idles: the new one has to go.
    const refused = await silentSocket(t, port);
    await eventually(async () => assert.ok(refused.closed));
    const answers = [...busy, last].map(async (socket) => String((await once(socket, "data"))[0]));
    answerSlow();
    for (const answer of await Promise.all(answers)) assert.match(answer, /^HTTP\/1.1 200/);
  });

  it("counts a connection that has become a WebSocket as one in use", async (t) => {
    const stable = await backend(t, (_req, res) => void res.end("stable"));
    stable.server.on("upgrade", (_req, socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      socket.on("error", () => undefined).on("data", (data) => socket.write(data));
    });
    const table = tableOf({ api: { stable: addressOf(stable.server), prefix: "/" } });
    const { port } = await edge(t, table, { limit: limitOf(1) });
    const socket = await silentSocket(t, port);
    socket.write(
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
    );
    assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1.1 101/);
    const refused = await silentSocket(t, port);
    await eventually(async () => assert.ok(refused.closed));
    socket.write("ping");
    assert.match(String((await once(socket, "data"))[0]), /ping/);
  });

  it("ends handshakes of TLS that do not go on, and HTTP/2 sessions without a stream", async (t) => {
    const { port, ca, answerSlow, areUnderWay } = await limitedSecureEdge(t);
    const busy = await session(t, port, ca);
    const slow = busy.request({ ":path": "/slow" });
    await areUnderWay(1);
    const idle = await session(t, port, ca);
    await bodyOf(idle.request({ ":path": "/" }) as never);
    const flood: Socket[] = [];
    for (let i = 0; i < 20; i += 1) flood.push(await silentSocket(t, port));
    await eventually(async () => assert.equal(closedOf(flood), flood.length - (MOST - 2)));
    assert.equal(idle.closed, false);
    // Three that have asked, in place of what says nothing; a fourth ends the one that waits longest.
    for (let i = 0; i < 3; i += 1)
      await bodyOf((await session(t, port, ca)).request({ ":path": "/" }) as never);
    await eventually(async () => assert.ok(idle.closed));
    const http1 = connectTls({ port, host: "localhost", ca, ALPNProtocols: ["http/1.1"] });
    t.after(() => http1.destroy());
    await once(http1, "secureConnect");
    http1.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert.match(String((await once(http1, "data"))[0]), /^HTTP\/1.1 200/);
    answerSlow();
    assert.equal(await bodyOf(slow as never), "stable");
  });

  it("ends connections whose sessions are over, though their clients do not hang up", async (t) => {
    const { port, ca } = await limitedSecureEdge(t);
    for (let i = 0; i < MOST; i += 1) await stubbornClient(t, port, ca, Buffer.concat([PREFACE, GOAWAY]));
    for (let i = 0; i <= MOST; i += 1) {
      const client = await session(t, port, ca);
      assert.equal(await bodyOf(client.request({ ":path": "/" }) as never), "stable");
    }
  });

  it("does so for gRPC", async (t) => {
    const store = await grpc.named(t, "stable");
    const table = grpc.tableOf({ stable: store.address });
    const { client, port } = await grpc.route(t, table, { limit: limitOf() });
    for (let i = 0; i < MOST; i += 1) {
      const stubborn = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      t.after(() => stubborn.destroy());
      stubborn.on("error", () => undefined).write(Buffer.concat([PREFACE, GOAWAY]));
      // It was told GOAWAY, and its session is over.
      await once(stubborn.resume(), "end");
    }
    assert.equal(await client.select(), "stable");
  });

  it("is one for all routers: gRPC sessions without a call give way, and their clients dial anew", async (t) => {
    const limit = limitOf();
    const store = await grpc.named(t, "stable");
    const { client, port: grpcPort } = await grpc.route(t, grpc.tableOf({ stable: store.address }), {
      limit,
    });
    const unary = () => client.select();
    assert.equal(await unary(), "stable");
    const { port } = await limitedEdge(t, limit);
    const silentOnes: Socket[] = [];
    for (let i = 0; i < 10; i += 1) silentOnes.push(await silentSocket(t, i % 2 === 0 ? port : grpcPort));
    await eventually(() =>
      Promise.resolve(assert.equal(closedOf(silentOnes), silentOnes.length - (MOST - 1))),
    );
    assert.equal(await unary(), "stable");
    for (let i = 0; i < MOST; i += 1) await waitingSocket(t, port);
    assert.equal(await unary(), "stable");
  });
});
