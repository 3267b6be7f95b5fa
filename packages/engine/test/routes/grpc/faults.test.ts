import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:http2";
import { connect } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { status } from "@grpc/grpc-js";
import { metadata, named, route, tableOf } from "./harness.ts";
import { answerRaw, rawBackend, rawClient, rawSocketBackend, request, sendRaw } from "./raw.ts";

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

  it("is tried again when connections end before they are there, and a call that was not looked at after them too", async (t) => {
    let connections = 0;
    const dying = await rawBackend(t, (stream, _headers, _raw, nth) => {
      if (nth > 1) return answerRaw(stream, "second");
      stream.session?.goaway(constants.NGHTTP2_NO_ERROR, 0);
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    const behind = await rawSocketBackend(t, (socket) => {
      connections += 1;
      // As a process does that is being killed: its listening socket lives a moment longer.
      if (connections <= 2) socket.destroy();
      else socket.pipe(connect(Number(dying.address.split(":")[1]))).pipe(socket);
    });
    const { client } = await route(t, tableOf({ stable: behind }));
    assert.equal(await client.select(), "second");
    assert.ok(connections > 2);
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
