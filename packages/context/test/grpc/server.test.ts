import assert from "node:assert/strict";
import { connect } from "node:http2";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Metadata, status } from "@grpc/grpc-js";
import { parseTrail } from "@perch/header";
import { canaryServerInterceptor } from "../../src/grpc/index.ts";
import { outgoingSelector } from "../../src/index.ts";
import { callOf, definition, type Handlers, serveGrpc, TestClient } from "../support/grpc.ts";

const identity = { service: "store", pr: 45, revision: "ab12cd34ef56" };
const own = { service: "store", pr: 45, rev: "ab12cd34ef56" };
const types = ["unary", "clientStream", "serverStream", "bidi"] as const;

const serve = (handlers: Handlers, onInvalid?: (reason: string) => void) =>
  serveGrpc(handlers, {
    interceptors: [canaryServerInterceptor({ identity, ...(onInvalid ? { onInvalid } : {}) })],
  });

/** Handlers that answer with the selectors that they, and the events of their call, see. */
const seeing: Handlers = {
  unary: async (_call, callback) => {
    await delay(1);
    callback(null, String(outgoingSelector()));
  },
  clientStream: (call, callback) => {
    const seen: string[] = [];
    call.on("data", () => seen.push(String(outgoingSelector())));
    call.on("end", () => callback(null, [...seen, String(outgoingSelector())].join()));
  },
  serverStream: (call) => {
    call.write(String(outgoingSelector()), () => {
      call.write(String(outgoingSelector()));
      setImmediate(() => {
        call.write(String(outgoingSelector()));
        call.end();
      });
    });
  },
  bidi: async (call) => {
    for await (const _message of call) call.write(String(outgoingSelector()));
    call.write(String(outgoingSelector()), () => call.end());
  },
};

const tagged = (value = "7"): Metadata => {
  const metadata = new Metadata();
  metadata.set("x-canary", value);
  return metadata;
};

describe("canaryServerInterceptor", () => {
  for (const type of types) {
    it(`gives the selector to a ${type} handler and its events, and sends the trail`, async () => {
      await using server = await serve(seeing);
      using client = new TestClient(server.address);
      const ended = await callOf(client, type, { metadata: tagged(), messages: ["a", "b"] });
      assert.equal(ended.code, status.OK);
      assert.deepEqual([...new Set(ended.messages.join().split(","))], ["7"]);
      assert.deepEqual(ended.trail, { hops: [own] });
    });

    it(`sends nothing of its own where a ${type} call has no selector`, async () => {
      await using server = await serve(seeing);
      using client = new TestClient(server.address);
      const ended = await callOf(client, type, { metadata: new Metadata() });
      assert.deepEqual([...new Set(ended.messages.join().split(","))], ["undefined"]);
      assert.equal(ended.trail, undefined);
    });

    it(`sends the trail with the error of a ${type} call, beside the handler's own trailers`, async () => {
      const metadata = new Metadata();
      metadata.set("reason", "sold out");
      metadata.set("x-canary-trail", '"passed-on"');
      const error = { code: status.NOT_FOUND, details: "none", metadata };
      const fail = Object.assign(new Error("none"), error);
      await using server = await serve({
        unary: (_call, callback) => callback(fail),
        clientStream: (call, callback) => call.resume().on("end", () => callback(fail)),
        serverStream: (call) => void call.emit("error", fail),
        bidi: (call) => void call.emit("error", fail),
      });
      using client = new TestClient(server.address);
      const ended = await callOf(client, type, { metadata: tagged() });
      assert.equal(ended.code, status.NOT_FOUND);
      assert.deepEqual(ended.metadata.get("reason"), ["sold out"]);
      assert.deepEqual(ended.metadata.get("x-canary-trail"), ['"store";pr=45;rev="ab12cd34ef56"']);
      assert.deepEqual(
        metadata.get("x-canary-trail"),
        ['"passed-on"'],
        "the handler's object is not changed",
      );
    });
  }

  it("sends the trail with an error after the first message", async () => {
    await using server = await serve({
      serverStream: (call) => {
        call.write("one", () => call.emit("error", { code: status.ABORTED, details: "stop" }));
      },
    });
    using client = new TestClient(server.address);
    const ended = await callOf(client, "serverStream", { metadata: tagged() });
    assert.deepEqual([ended.code, ended.messages, ended.trail], [status.ABORTED, ["one"], { hops: [own] }]);
  });

  it("sends the trail where grpc-js itself ends the call, for a message that cannot be written", async () => {
    await using server = await serve({ unary: (_call, callback) => callback(null, "unwritable") });
    using client = new TestClient(server.address);
    const ended = await callOf(client, "unary", { metadata: tagged() });
    assert.deepEqual([ended.code, ended.trail], [status.INTERNAL, { hops: [own] }]);
  });

  it("sends the trail when the deadline passes on the server's side", async () => {
    await using server = await serve({ unary: () => {} });
    // A client that ends the call at its own deadline would never see it, so this one has none.
    const trailers = await rawCall(server.port, { "x-canary": "7", "grpc-timeout": "20m" });
    assert.equal(trailers["grpc-status"], String(status.DEADLINE_EXCEEDED));
    assert.deepEqual(parseTrail(String(trailers["x-canary-trail"])), { hops: [own] });
  });

  it("takes equal lines as one, though HTTP/2 joins them, and refuses lines that differ", async () => {
    const reasons: string[] = [];
    await using server = await serve(seeing, (reason) => reasons.push(reason));
    using client = new TestClient(server.address);
    const twice = tagged();
    twice.add("x-canary", "7");
    const differing = tagged();
    differing.add("x-canary", "8");
    assert.deepEqual((await callOf(client, "unary", { metadata: twice })).messages, ["7"]);
    const ended = await callOf(client, "unary", { metadata: differing });
    assert.deepEqual(ended.messages, ["undefined"]);
    assert.deepEqual(ended.trail, { hops: [{ ...own, note: "invalid-selector" }] });
    assert.deepEqual(reasons, ["differing-lines"]);
  });

  it("keeps the selector in the event of a cancelled call", async () => {
    const started = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<string | undefined>();
    await using server = await serve({
      bidi: (call) => {
        call.on("cancelled", () => cancelled.resolve(outgoingSelector()));
        started.resolve();
      },
    });
    using client = new TestClient(server.address);
    const { path, requestSerialize, responseDeserialize } = definition.bidi;
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, tagged());
    call.on("error", () => {});
    await started.promise;
    call.cancel();
    assert.equal(await cancelled.promise, "7");
  });

  it("refuses a malformed identity when it is set up", () => {
    assert.throws(() => canaryServerInterceptor({ identity: { service: "" } }), /identity.service must/);
  });
});

/** One unary call over bare HTTP/2; resolves with its trailers, which are the headers of a trailers-only answer. */
function rawCall(port: number, headers: Record<string, string>): Promise<Record<string, unknown>> {
  const session = connect(`http://127.0.0.1:${port}`);
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  session.on("error", reject);
  const stream = session.request({
    ":method": "POST",
    ":path": definition.unary.path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  stream.on("error", reject);
  stream.on("response", (received) => {
    if (received["grpc-status"] !== undefined) resolve(received);
  });
  stream.on("trailers", (received) => resolve(received));
  stream.end(Buffer.from([0, 0, 0, 0, 1, 97]));
  return promise.finally(() => session.close());
}
