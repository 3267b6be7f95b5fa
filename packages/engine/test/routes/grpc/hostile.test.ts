import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import fc from "fast-check";
import { ATTACKS, attack, CALL } from "../http2-attacks.ts";
import { backend, dial, named, route, tableOf } from "./harness.ts";
import { frame, rawBackend, rawClient, rawSocketBackend, request, sendRaw } from "./raw.ts";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** An HTTP/2 frame (RFC 9113, section 4.1). */
function http2Frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const SETTINGS = http2Frame(4, 0, 0, Buffer.alloc(0));

/** Some that make sense, and many that do not. */
const anyFrames = fc.array(
  fc.oneof(
    fc.constant(SETTINGS),
    fc.uint8Array({ maxLength: 40 }),
    fc
      .tuple(fc.nat(11), fc.nat(255), fc.nat(5), fc.uint8Array({ maxLength: 20 }))
      .map((parts) => http2Frame(...parts)),
    // HEADERS of stream 1 that begin with `:status: 200`, and may end it.
    fc
      .tuple(fc.constantFrom(4, 5), fc.uint8Array({ maxLength: 8 }))
      .map(([flags, rest]) => http2Frame(1, flags, 1, Buffer.from([0x88, ...rest]))),
  ),
  { maxLength: 6 },
);

/** One line of 64 KiB; two hundred lines. */
const oversized = [
  ["x-0", "x".repeat(65_536)],
  Array.from({ length: 200 }, (_, n) => [`x-${n}`, "v"]).flat(),
];

function pairs(lines: string[]): [string, string][] {
  return Array.from({ length: lines.length / 2 }, (_, n) => [lines[2 * n] ?? "", lines[2 * n + 1] ?? ""]);
}

describe("a hostile backend", () => {
  const kinds: [string, (socket: Socket) => void][] = [
    ["speaks HTTP/1", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")],
    ["speaks nonsense", (socket) => socket.write(Buffer.alloc(5000, 0xff))],
    ["hangs up", (socket) => socket.destroy()],
  ];
  for (const [what, onSocket] of kinds) {
    it(`that ${what} fails the call and nothing else`, async (t) => {
      const [address, stable] = await Promise.all([rawSocketBackend(t, onSocket), named(t, "stable")]);
      const { client } = await route(t, tableOf({ stable: stable.address, canaries: { 7: address } }));
      await assert.rejects(client.select("7"), { code: status.UNAVAILABLE });
      assert.equal(await client.select(), "stable");
    });
  }

  it("whose answer may have no body, and has one, fails the call and nothing else", async (t) => {
    const odd = await rawBackend(t, (stream) => {
      stream.respond({ ":status": 204, "content-type": "application/grpc" });
      stream.end("body");
    });
    const stable = await named(t, "stable");
    const { client, port } = await route(
      t,
      tableOf({ stable: stable.address, canaries: { 7: odd.address } }),
    );
    await sendRaw(await rawClient(t, port), request("x-canary", "7"));
    await assert.rejects(client.select("7"));
    assert.equal(await client.select(), "stable");
  });

  it("that sends any frames at all fails the call and nothing else", async (t) => {
    let answer = Buffer.alloc(0);
    const address = await rawSocketBackend(t, (socket) => socket.once("data", () => socket.end(answer)));
    const stable = await named(t, "stable");
    const { client } = await route(t, tableOf({ stable: stable.address, canaries: { 7: address } }));
    await fc.assert(
      fc.asyncProperty(anyFrames, async (frames) => {
        answer = Buffer.concat([SETTINGS, ...frames]);
        await client.select("7").catch(() => {});
        assert.equal(await client.select(), "stable");
      }),
    );
  });

  for (const where of ["headers", "trailers"] as const) {
    it(`whose ${where} are too many or too large ends no other call of the client's connection`, async (t) => {
      let extra: Record<string, string> = {};
      const large = await rawBackend(t, (stream) => {
        const head = { ":status": 200, "content-type": "application/grpc" };
        if (where === "headers") return stream.respond({ ...head, ...extra }, { endStream: true });
        stream.respond(head, { waitForTrailers: true });
        stream.once("wantTrailers", () => stream.sendTrailers(extra));
        stream.end();
      });
      const echo = await rawBackend(t, (stream) => {
        stream.respond({ ":status": 200, "content-type": "application/grpc" });
        stream.on("data", (chunk) => stream.write(chunk));
      });
      const { port } = await route(t, tableOf({ stable: echo.address, canaries: { 7: large.address } }));
      const session = await rawClient(t, port);
      const bystander = session.request(request(), { endStream: false });
      bystander.on("error", () => {});
      for (const lines of oversized) {
        extra = Object.fromEntries(pairs(lines));
        const answer = await sendRaw(session, request("x-canary", "7"));
        assert.deepEqual([answer.headers["x-0"], answer.trailers["x-0"]], [undefined, undefined]);
        bystander.write("still here");
        assert.equal(String((await once(bystander, "data"))[0]), "still here");
      }
      bystander.close();
    });
  }

  it("whose headers are larger than anybody takes fails the call and nothing else", async (t) => {
    const large = await rawBackend(t, (stream) => {
      stream.respond({ ":status": 200, "x-large": "x".repeat(60_000) }, { endStream: true });
    });
    const stable = await named(t, "stable");
    const { client } = await route(t, tableOf({ stable: stable.address, canaries: { 7: large.address } }));
    await assert.rejects(client.select("7"));
    assert.equal(await client.select(), "stable");
  });
});

describe("a hostile client", () => {
  it("that breaks the protocol loses its own connection", async (t) => {
    const stable = await named(t, "stable");
    const { client, port } = await route(t, tableOf({ stable: stable.address }));
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(Buffer.alloc(4096, 0xff));
    await once(socket.resume(), "close");
    assert.equal(await client.select(), "stable");
  });

  it("that sends any frames at all, the first with the preface, stops no other", async (t) => {
    const stable = await named(t, "stable");
    const { client, port } = await route(t, tableOf({ stable: stable.address }));
    await fc.assert(
      fc.asyncProperty(anyFrames, async (frames) => {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.end(Buffer.concat([PREFACE, ...frames]));
        await new Promise((resolve) => socket.resume().once("close", resolve));
        assert.equal(await client.select(), "stable");
      }),
    );
  });

  it("whose headers are too many or too large fails its own call, not those that share the backend's connection", async (t) => {
    const stable = await backend(t, {
      Unary: (_call, answer) => answer(null, Buffer.from("ok")),
      Bidi: (call) => call.on("data", (m) => call.write(m)).on("end", () => call.end()),
    });
    const { client, port } = await route(t, tableOf({ stable: stable.address }));
    const bystander = client.bidi();
    const ended = once(bystander, "status");
    for (const lines of oversized) {
      const answer = await sendRaw(await rawClient(t, port), request(...lines));
      assert.notEqual(answer.rstCode, 0);
      bystander.write(Buffer.from("still here"));
      assert.equal(String((await once(bystander, "data"))[0]), "still here");
    }
    bystander.resume().end();
    assert.equal((await ended)[0].code, status.OK);
  });

  for (const [what, how] of Object.entries(ATTACKS)) {
    const fate = how.refused ? "is refused" : "loses its connection";
    it(`${fate}, and nobody else notices: ${what}`, async (t) => {
      let bombs = 0;
      const stable = await backend(t, {
        Unary: (call, answer) => {
          if (call.metadata.get("x-bomb").length > 0) bombs++;
          answer(null, Buffer.from("stable"));
        },
      });
      const seven = await named(t, "seven");
      const table = tableOf({ stable: stable.address, canaries: { 7: seven.address } });
      const { client, port } = await route(t, table);
      const socket = connect(port, "127.0.0.1");
      t.after(() => socket.destroy());
      const closed = new Promise((resolve) => socket.once("close", resolve));
      let isOver = false;
      const bystanders = [undefined, "7"].map(async (pr) => {
        for (let isLast = false; !isLast; await sleep(10)) {
          isLast = isOver;
          assert.equal(await client.select(pr), pr === undefined ? "stable" : "seven");
        }
      });
      const over = attack(socket, how, CALL)
        .then(() => (how.refused ? undefined : closed))
        .finally(() => {
          isOver = true;
        });
      await Promise.all([over, ...bystanders]);
      assert.equal(bombs, 0);
    });
  }

  it("that speaks HTTP/1 is told what this address takes", async (t) => {
    const { port } = await route(t, tableOf({}));
    const socket = connect(port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: store\r\n\r\n");
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const answer = Buffer.concat(chunks).toString();
    assert.match(answer, /^HTTP\/1\.1 505 /);
    assert.match(answer, /takes gRPC calls only: HTTP\/2 without TLS/);
  });

  it("that goes away in the middle of a request ends it at the backend", async (t) => {
    const arrived = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    const stable = await backend(t, {
      ClientStream: (call) => {
        call.on("cancelled", cancelled.resolve);
        call.on("error", () => {});
        call.on("data", () => arrived.resolve());
      },
    });
    const { port } = await route(t, tableOf({ stable: stable.address }));
    const session = await rawClient(t, port);
    const lines = request();
    lines[3] = "/test.Test/ClientStream";
    const stream = session.request(lines, { endStream: false });
    stream.on("error", () => {});
    stream.write(frame("one"));
    await arrived.promise;
    session.destroy();
    await cancelled.promise;
  });

  it("that opens many calls and drops them leaves nothing that stops others", async (t) => {
    const stable = await backend(t, {
      Bidi: (call) => call.resume(),
      Unary: (_call, a) => a(null, Buffer.from("ok")),
    });
    const { port } = await route(t, tableOf({ stable: stable.address }));
    for (let round = 0; round < 5; round += 1) {
      const dropped = dial(t, port);
      for (const call of Array.from({ length: 50 }, () => dropped.bidi())) {
        call.on("error", () => {});
        call.write(Buffer.from("x"));
        call.cancel();
      }
    }
    assert.equal(await dial(t, port).select(), "ok");
  });
});
