import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:http2";
import { connect, createServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { status } from "@grpc/grpc-js";
import {
  answerRaw,
  backend,
  dial,
  frame,
  metadata,
  named,
  rawBackend,
  rawClient,
  request,
  route,
  sendRaw,
  tableOf,
} from "./harness.ts";

/** A process of its own that streams one message and then waits. */
const STREAMING_PROCESS = `
  import { createServer } from "node:http2";
  const server = createServer();
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    stream.write(Buffer.from([0, 0, 0, 0, 1, 65]));
  });
  server.listen(0, "127.0.0.1", () => process.stdout.write(String(server.address().port)));
`;

async function streamingProcess(t: TestContext) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", STREAMING_PROCESS], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [port] = await once(child.stdout, "data");
  return { child, address: `127.0.0.1:${port}` };
}

describe("a backend that is lost", () => {
  it("in the middle of an answer ends the call UNAVAILABLE by name, and the next one is routed anew", async (t) => {
    const { child, address } = await streamingProcess(t);
    const next = await named(t, "next");
    let table = tableOf({ canaries: { 7: address }, stable: next.address });
    const { client } = await route(t, () => table);
    const call = client.serverStream("", metadata({ "x-canary": "7" }));
    await once(call, "data");
    const failed = once(call, "error");
    child.kill("SIGKILL");
    const [error] = await failed;
    assert.equal(error.code, status.UNAVAILABLE);
    assert.equal(
      error.details,
      "The canary of PR 7 of store ended during the call. See `perch logs store --pr 7`.",
    );
    table = tableOf({ canaries: { 7: next.address }, stable: next.address });
    assert.equal(await client.select("7"), "next");
  });

  it("before it answered is UNAVAILABLE too, and the call is not sent again: it may have had its effect", async (t) => {
    let calls = 0;
    const lost = await rawBackend(t, (stream) => {
      calls += 1;
      stream.on("data", () => stream.session?.destroy());
    });
    const { client } = await route(t, tableOf({ stable: lost.address }));
    await assert.rejects(client.unary("x"), {
      code: status.UNAVAILABLE,
      details: "Stable store ended during the call. See `perch logs store`.",
    });
    assert.equal(calls, 1);
  });

  it("before it looked at the call, by GOAWAY, is tried once more", async (t) => {
    const goingAway = await rawBackend(t, (stream, _headers, _raw, nth) => {
      if (nth > 1) return answerRaw(stream, "second");
      stream.session?.goaway(constants.NGHTTP2_NO_ERROR, 0);
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    const { client } = await route(t, tableOf({ stable: goingAway.address }));
    assert.equal(await client.select(), "second");
  });

  it("that refuses every stream is UNAVAILABLE after the second", async (t) => {
    let calls = 0;
    const refusing = await rawBackend(t, (stream) => {
      calls += 1;
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    const { client } = await route(t, tableOf({ stable: refusing.address }));
    await assert.rejects(client.select(), {
      details:
        "Stable store took no call (it refuses calls). Try again; if it stays so, see `perch logs store`.",
    });
    assert.equal(calls, 2);
  });

  it("resets with the code that it gave", async (t) => {
    const resetting = await rawBackend(t, (stream) => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM));
    const { port } = await route(t, tableOf({ stable: resetting.address }));
    const answer = await sendRaw(await rawClient(t, port), request());
    assert.equal(answer.rstCode, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });
});

describe("a backend that takes one stream at a time", () => {
  it("gets as many connections as calls need", async (t) => {
    const single = await rawBackend(t, (stream) => void setImmediate(answerRaw, stream, "one"), {
      maxConcurrentStreams: 1,
    });
    const { client } = await route(t, tableOf({ stable: single.address }));
    const answers = await Promise.all(Array.from({ length: 30 }, () => client.select()));
    assert.deepEqual(new Set(answers), new Set(["one"]));
  });
});

describe("a hostile backend", () => {
  const speaks = async (t: TestContext, onSocket: (socket: Socket) => void) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      onSocket(socket);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    t.after(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    const address = server.address();
    return `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  };

  const kinds: [string, (socket: Socket) => void][] = [
    ["speaks HTTP/1", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")],
    ["speaks nonsense", (socket) => socket.write(Buffer.alloc(5000, 0xff))],
    ["hangs up", (socket) => socket.destroy()],
  ];
  for (const [what, onSocket] of kinds) {
    it(`that ${what} fails the call and nothing else`, async (t) => {
      const [address, stable] = await Promise.all([speaks(t, onSocket), named(t, "stable")]);
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
