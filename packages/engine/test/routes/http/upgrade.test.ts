import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { trackCanaryUse } from "../../../src/routes/canary-use.ts";
import { eventually } from "../../support/processes.ts";
import { backend, edge, rawSocket, read, type TestBackend, tableOf, untilEnd } from "./harness.ts";

async function webSocketBackend(
  t: TestContext,
  name: string,
): Promise<{ at: TestBackend; sockets: WebSocketServer }> {
  const at = await backend(t, (_req, res) => res.end("plain"));
  const sockets = new WebSocketServer({
    server: at.server,
    verifyClient: ({ req }: { req: IncomingMessage }) => req.url !== "/forbidden",
  });
  sockets.on("connection", (socket, req) => {
    socket.send(`${name} ${req.url} ${req.headers["x-canary"] ?? "-"} ${req.headers["x-forwarded-host"]}`);
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  });
  return { at, sockets };
}

async function webSocketEdge(t: TestContext) {
  const stable = await webSocketBackend(t, "stable");
  const canary = await webSocketBackend(t, "canary");
  const table = tableOf({
    api: {
      stable: stable.at.address,
      canaries: { 7: { address: canary.at.address }, 8: { state: "building" } },
      prefix: "/ws",
    },
    web: { stable: stable.at.address, prefix: "/forbidden" },
  });
  return { stable, canary, ...(await edge(t, table)) };
}

function open(t: TestContext, port: number, path = "/ws", headers: Record<string, string> = {}): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  t.after(() => socket.terminate());
  return socket;
}

describe("a WebSocket", () => {
  it("reaches the backend that its selector or share link names", async (t) => {
    const { port } = await webSocketEdge(t);
    const greeting = async (headers: Record<string, string>) => {
      const [data] = await once(open(t, port, "/ws?a", headers), "message");
      return String(data);
    };
    assert.equal(await greeting({ Host: "h" }), "stable /ws?a - h");
    assert.equal(await greeting({ Host: "h", "X-Canary": "7" }), "canary /ws?a 7 h");
    assert.equal(await greeting({ Host: "pr-7.localhost" }), "canary /ws?a 7 pr-7.localhost");
  });

  it("carries messages of any size both ways, in order", async (t) => {
    const { port } = await webSocketEdge(t);
    const socket = open(t, port);
    await once(socket, "message");
    const sent = [Buffer.from("a"), Buffer.alloc(3_000_000, 1), Buffer.from(""), Buffer.alloc(70_000, 2)];
    const back: Buffer[] = [];
    const done = Promise.withResolvers<void>();
    socket.on("message", (data: Buffer) => {
      back.push(data);
      if (back.length === sent.length) done.resolve();
    });
    for (const message of sent) socket.send(message);
    await done.promise;
    assert.deepEqual(
      back.map((data) => Buffer.compare(data, sent[back.indexOf(data)] ?? Buffer.of(9))),
      [0, 0, 0, 0],
    );
  });

  it("passes closing on in both directions, orderly or not", async (t) => {
    const { port, stable } = await webSocketEdge(t);
    const pair = async (): Promise<[client: WebSocket, server: WebSocket]> => {
      const connected = once(stable.sockets, "connection") as Promise<[WebSocket]>;
      const client = open(t, port);
      await once(client, "open");
      return [client, (await connected)[0]];
    };
    for (const from of [0, 1] as const) {
      const orderly = await pair();
      const closed = once(orderly[1 - from] as WebSocket, "close");
      orderly[from].close(4001, "bye");
      const [code, reason] = await closed;
      assert.deepEqual([code, String(reason)], [4001, "bye"]);

      const abrupt = await pair();
      const cut = once(abrupt[1 - from] as WebSocket, "close");
      abrupt[from].terminate();
      assert.equal((await cut)[0], 1006);
    }
  });

  it("passes on what the client sent along with its request", async (t) => {
    const at = await backend(t, (_req, res) => res.end());
    at.server.on("upgrade", (_req, socket, head) => {
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-A: 1\r\n\r\n",
      );
      socket.write(head);
      socket.pipe(socket);
    });
    const { port } = await edge(t, tableOf({ api: { stable: at.address, prefix: "/" } }));
    const socket = await rawSocket(t, port);
    socket.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly ");
    socket.end("late");
    const text = await untilEnd(socket);
    assert.match(text, /^HTTP\/1\.1 101 [\s\S]*X-A: 1\r\n[\s\S]*\r\n\r\nearly late$/);
  });

  it("is told why when its backend refuses, or there is none", async (t) => {
    const { port } = await webSocketEdge(t);
    const refusal = async (path: string, headers: Record<string, string> = {}) => {
      const socket = open(t, port, path, headers);
      socket.on("error", () => {});
      const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
      return read(response);
    };
    assert.equal((await refusal("/forbidden")).status, 401);
    assert.equal((await refusal("/none")).status, 404);
    const unready = await refusal("/ws", { "X-Canary": "8" });
    assert.deepEqual([unready.status, JSON.parse(unready.body).state], [503, "building"]);
  });

  it("ends when the edge closes", async (t) => {
    const { port, router } = await webSocketEdge(t);
    const socket = open(t, port);
    await once(socket, "open");
    const closed = once(socket, "close");
    await router.close(0);
    assert.equal((await closed)[0], 1006);
  });

  it("counts as under way until it is closed", async (t) => {
    const { port, router, stable } = await webSocketEdge(t);
    const socket = open(t, port);
    const echoed = Promise.withResolvers<void>();
    socket.on("message", (data) => {
      if (String(data) === "still there") echoed.resolve();
    });
    await once(socket, "open");
    let released = false;
    const release = router.release(stable.at.address, 60_000).then(() => {
      released = true;
    });
    socket.send("still there");
    await echoed.promise;
    assert.equal(released, false);
    socket.close();
    await release;
  });
});

describe("the handshake of a WebSocket", () => {
  const HANDSHAKE =
    "GET / HTTP/1.1\r\nHost: h\r\nX-Canary: 7\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

  /** An edge before a canary that never answers a handshake, and the connections that the canary has. */
  async function silentCanary(t: TestContext, handshakeTimeout?: number) {
    const at = await backend(t, (_req, res) => res.end());
    const asked: Duplex[] = [];
    at.server.on("upgrade", (_req, socket) => {
      asked.push(socket);
      socket
        .on("error", () => {})
        .on("end", () => socket.end())
        .resume();
    });
    const use = trackCanaryUse({ idle: 1000, wakeTimeout: 1000, onChange: () => {} });
    const table = tableOf({ api: { canaries: { 7: { address: at.address } }, prefix: "/" } });
    const timeout = handshakeTimeout === undefined ? {} : { handshakeTimeout };
    const { port, router } = await edge(t, table, { use, ...timeout });
    const isAsked = () => eventually(async () => assert.equal(asked.length, 1));
    const isLeft = () =>
      eventually(async () => {
        assert.ok(asked.every(({ closed }) => closed));
        assert.equal(use.usage().busy.size, 0);
      });
    return { port, isAsked, isLeft, asked, release: () => router.release(at.address, 60_000) };
  }

  for (const [how, leave] of [
    ["ends", (socket: Socket) => socket.end()],
    ["resets", (socket: Socket) => socket.resetAndDestroy()],
  ] as const) {
    it(`is over when its client ${how} the connection: the canary is not in use, and can be released`, async (t) => {
      const { port, isAsked, isLeft, release } = await silentCanary(t);
      const socket = await rawSocket(t, port);
      socket.write(HANDSHAKE);
      await isAsked();
      leave(socket.resume());
      await isLeft();
      await release();
    });
  }

  it("is over, and not tried again, when the backend does not answer it in time", async (t) => {
    const { port, isLeft, asked } = await silentCanary(t, 100);
    const socket = await rawSocket(t, port);
    // An end after something else is no leaving.
    socket.end(`${HANDSHAKE}early`);
    assert.match(await untilEnd(socket), /^HTTP\/1\.1 504 [\s\S]*handshake in time/);
    await isLeft();
    assert.equal(asked.length, 1);
  });
});

describe("any other upgrade", () => {
  it("is ignored and the request served: what follows would not be routed", async (t) => {
    const at = await backend(t, (req, res) =>
      res.end(`${req.headers.upgrade} ${req.headers["http2-settings"]}`),
    );
    const { port } = await edge(t, tableOf({ api: { stable: at.address, prefix: "/" } }));
    const socket = await rawSocket(t, port);
    socket.write(
      "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
    );
    const [first] = await once(socket, "data");
    assert.match(String(first), /^HTTP\/1\.1 200 [\s\S]*undefined undefined/);
  });
});
