import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ClientLimit } from "../../src/routes/client-limit.ts";
import { Stillness } from "../../src/routes/stillness.ts";
import { eventually } from "../support/processes.ts";
import * as grpc from "./grpc/harness.ts";
import { answerRaw, rawBackend, rawClient, request, sendRaw } from "./grpc/raw.ts";
import { backend, bodyOf, edge, rawSocket, send, silent, tableOf } from "./http/harness.ts";
import { secureEdge, session } from "./http/secure-harness.ts";

/** Room for one client, and milliseconds in place of a minute. */
const limit = () => new ClientLimit(1, silent, new Stillness(50));

/** Longer than from one look at what is under way to the next. */
const LOOKS = 2_500;

/** More than the system takes in a client's place. */
const MUCH = Buffer.alloc(32 * 1024 * 1024);

const serve: RequestListener = (req, res) => {
  if (req.url === "/much") res.end(MUCH);
  else if (req.url === "/events") res.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  else if (req.url === "/slow") req.resume();
  // Its body is never read.
  else if (req.url === "/unread") return;
  else req.resume().once("end", () => res.end("stable"));
};

async function service(t: TestContext) {
  const stable = await backend(t, serve);
  stable.server.on("upgrade", (_req, socket) => {
    socket.on("error", () => {}).resume();
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  });
  const arrival = () => Promise.race([once(stable.server, "request"), once(stable.server, "upgrade")]);
  return { arrival, table: tableOf({ api: { stable: stable.address, prefix: "/" } }) };
}

type Service = Awaited<ReturnType<typeof service>>;

/** A client whose request has arrived at the backend, and that does nothing more; it reads, unless the answer is too much. */
async function holder(
  t: TestContext,
  port: number,
  { arrival }: Service,
  [line, ...rest]: readonly string[],
) {
  const socket = await rawSocket(t, port);
  const arrived = arrival();
  socket.write(`${line}\r\nHost: localhost\r\n${rest.join("\r\n")}`);
  if (!line?.includes("/much")) socket.resume();
  await arrived;
  return socket;
}

/** For longer than from one look at what is under way to the next. */
async function isRefusedAllAlong(ask: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + LOOKS;
  while (performance.now() < until) {
    assert.equal(await ask().catch(() => "refused"), "refused");
    await sleep(100);
  }
}

const UPLOAD = ["POST / HTTP/1.1", "Content-Length: 999", "", "x"];

describe("where clients hold all connections", () => {
  for (const [what, lines] of Object.entries({
    "does not send the rest of its request": UPLOAD,
    "does not take its answer": ["GET /much HTTP/1.1", "", ""],
  })) {
    it(`one that ${what} gives way`, async (t) => {
      const stable = await service(t);
      const { port } = await edge(t, stable.table, { limit: limit() });
      const held = await holder(t, port, stable, lines);
      await eventually(async () => assert.equal((await send(port)).body, "stable"));
      // A socket with bytes to read does not say that it was ended.
      held.resume();
      await eventually(async () => assert.ok(held.closed));
    });
  }

  for (const [what, lines] of Object.entries({
    "waits for its answer": ["GET /slow HTTP/1.1", "", ""],
    "reads a silent stream of events": ["GET /events HTTP/1.1", "", ""],
    "has sent more than its backend reads": [
      "POST /unread HTTP/1.1",
      `Content-Length: ${2 * MUCH.length}`,
      "",
      MUCH.toString("latin1"),
    ],
    "has a silent WebSocket": ["GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", "", ""],
    "sends its request slowly": UPLOAD,
  })) {
    it(`one that ${what} does not`, async (t) => {
      const stable = await service(t);
      const { port } = await edge(t, stable.table, { limit: limit() });
      const held = await holder(t, port, stable, lines);
      const sending = lines === UPLOAD ? setInterval(() => held.write("x"), 10) : undefined;
      await isRefusedAllAlong(() => send(port));
      clearInterval(sending);
      assert.equal(held.closed, false);
    });
  }

  it("a session of HTTP/2 gives way when each of its streams stands still so", async (t) => {
    const { arrival, table } = await service(t);
    const { port, ca } = await secureEdge(t, table, { limit: limit() });
    const asks = async () => bodyOf((await session(t, port, ca)).request({ ":path": "/" }) as never);
    const upload = (path: string) => ({ ":method": "POST", ":path": path });
    for (const path of ["/", "/much"]) {
      const held = await session(t, port, ca);
      const arrived = arrival();
      held
        .request(upload(path), { endStream: false })
        .on("error", () => {})
        .write("x");
      await arrived;
      await eventually(async () => assert.equal(await asks(), "stable"));
      await eventually(async () => assert.ok(held.closed));
    }
    const mixed = await session(t, port, ca);
    const arrived = arrival();
    mixed.request(upload("/"), { endStream: false }).on("error", () => {});
    mixed.request({ ":path": "/events" }).on("error", () => {});
    await arrived;
    await isRefusedAllAlong(asks);
    assert.equal(mixed.closed, false);
  });

  it("a session of gRPC gives way whose answers are not taken, and no call that is open in silence", async (t) => {
    const store = await rawBackend(t, (stream, _headers, raw) => {
      if (raw.includes("much")) {
        stream.respond({ ":status": 200, "content-type": "application/grpc" });
        stream.end(MUCH);
      } else if (raw.includes("open")) stream.resume();
      else answerRaw(stream);
    });
    const { port } = await grpc.route(t, grpc.tableOf({ stable: store.address }), { limit: limit() });
    const asks = async () => {
      const { headers } = await sendRaw(await rawClient(t, port), request());
      assert.equal(headers[":status"], 200);
    };
    const hold = async (how: string) => {
      const held = await rawClient(t, port);
      const arrived = once(store.server, "stream");
      held.request(request("x-how", how), { endStream: how === "much" }).on("error", () => {});
      await arrived;
      return held;
    };
    const untaken = await hold("much");
    await eventually(asks);
    await eventually(async () => assert.ok(untaken.closed));
    const open = await hold("open");
    await isRefusedAllAlong(asks);
    assert.equal(open.closed, false);
  });
});
