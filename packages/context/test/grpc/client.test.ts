import assert from "node:assert/strict";
import { createServer } from "node:http2";
import { createServer as createTcpServer } from "node:net";
import { describe, it } from "node:test";
import { Metadata, status } from "@grpc/grpc-js";
import type { Trail } from "@perch/header";
import { canaryClientInterceptor, canaryServerInterceptor } from "../../src/grpc/index.ts";
import { outgoingSelector, runWithSelector } from "../../src/index.ts";
import { currentContext } from "../../src/storage.ts";
import { callOf, definition, type Handlers, serveGrpc, TestClient } from "../support/grpc.ts";
import { listen } from "../support/http.ts";

const store = { service: "store", revision: "v1.4.0" };
const storeHop = { service: "store", rev: "v1.4.0" };
const types = ["unary", "clientStream", "serverStream", "bidi"] as const;

/** Handlers that answer with the selector that came over the wire. */
const echoing: Handlers = {
  unary: (call, callback) => callback(null, String(call.metadata.get("x-canary"))),
  clientStream: (call, callback) =>
    call.resume().on("end", () => callback(null, String(call.metadata.get("x-canary")))),
  serverStream: (call) => {
    call.write(String(call.metadata.get("x-canary")));
    call.end();
  },
  bidi: (call) => {
    call.write(String(call.metadata.get("x-canary")));
    call.resume().on("end", () => call.end());
  },
};

const serveStore = (handlers: Handlers) =>
  serveGrpc(handlers, { interceptors: [canaryServerInterceptor({ identity: store })] });

const storeClient = (address: string, options = {}) =>
  new TestClient(address, [canaryClientInterceptor({ service: "store" })], options);

const plain = () => ({ metadata: new Metadata() });

/** What a response would say of the calls made so far. */
const callsSoFar = () => currentContext()?.calls.soFar();
const complete = (...trails: Trail[]) => ({ trails, complete: true });

describe("canaryClientInterceptor", () => {
  for (const type of types) {
    it(`sends the selector with a ${type} call and takes its trail`, async () => {
      await using server = await serveStore(echoing);
      using client = storeClient(server.address);
      await runWithSelector("store=45", async () => {
        const ended = await callOf(client, type, plain());
        assert.deepEqual([ended.code, ended.messages], [status.OK, ["store=45"]]);
        assert.deepEqual(callsSoFar(), complete({ hops: [storeHop] }));
      });
    });

    it(`adds nothing to a ${type} call without a selector, nor to one with an invalid one`, async () => {
      await using server = await serveStore(echoing);
      using client = storeClient(server.address);
      for (const selector of [undefined, "?"]) {
        await runWithSelector(selector, async () => {
          const ended = await callOf(client, type, plain());
          assert.deepEqual([ended.messages, ended.trail], [[""], undefined]);
          assert.deepEqual(callsSoFar(), complete());
        });
      }
    });

    it(`says that a ${type} call got no answer where nothing listens`, async () => {
      const server = await serveStore(echoing);
      await server[Symbol.asyncDispose]();
      using client = storeClient(server.address);
      await runWithSelector("7", async () => {
        const ended = await callOf(client, type, plain());
        assert.equal(ended.code, status.UNAVAILABLE);
        assert.deepEqual(callsSoFar(), complete({ hops: [{ service: "store", note: "unreachable" }] }));
      });
    });

    it(`brings the events of ${type} calls back to who made the call, not to who opened the connection`, async () => {
      await using server = await serveStore(echoing);
      using client = storeClient(server.address);
      const look = async () => {
        const seen = new Set([outgoingSelector()]);
        await callOf(client, type, { ...plain(), look: () => void seen.add(outgoingSelector()) });
        return [...seen];
      };
      // Started before the connection is up, so all of them begin in the event that opened it.
      const selectors = ["1", undefined, "2", "api=3", undefined];
      const seen = await Promise.all(
        selectors.map((selector) => (selector === undefined ? look() : runWithSelector(selector, look))),
      );
      assert.deepEqual(
        seen,
        selectors.map((selector) => [selector]),
      );
    });
  }

  it("records calls in the order in which they were started", async () => {
    const release = Promise.withResolvers<void>();
    await using server = await serveGrpc(
      {
        unary: async (call, callback) => {
          if (call.request === "slow") await release.promise;
          const metadata = new Metadata();
          metadata.set("x-canary-trail", `"${call.request}"`);
          callback(null, "", metadata);
        },
      },
      {},
    );
    using client = storeClient(server.address);
    await runWithSelector("7", async () => {
      const slow = callOf(client, "unary", { metadata: new Metadata(), messages: ["slow"] });
      await callOf(client, "unary", { metadata: new Metadata(), messages: ["fast"] });
      assert.deepEqual(callsSoFar(), { trails: [{ hops: [{ service: "fast" }] }], complete: false });
      release.resolve();
      await slow;
      assert.deepEqual(
        callsSoFar(),
        complete({ hops: [{ service: "slow" }] }, { hops: [{ service: "fast" }] }),
      );
    });
  });

  it("takes the trail of an error too", async () => {
    await using server = await serveStore({
      unary: (_call, callback) => callback({ code: status.UNAVAILABLE, details: "database is away" }),
    });
    using client = storeClient(server.address);
    await runWithSelector("7", async () => {
      assert.equal((await callOf(client, "unary", plain())).code, status.UNAVAILABLE);
      assert.deepEqual(callsSoFar(), complete({ hops: [storeHop] }), "it did answer");
    });
  });

  it("makes one entry of a call that grpc-js retries", async () => {
    let attempts = 0;
    await using server = await serveStore({
      unary: (call, callback) => {
        attempts += 1;
        if (attempts < 3) callback({ code: status.UNAVAILABLE, details: "not yet" });
        else callback(null, String(call.metadata.get("x-canary")));
      },
    });
    const retryPolicy = {
      maxAttempts: 4,
      initialBackoff: "0.01s",
      maxBackoff: "0.02s",
      backoffMultiplier: 1,
      retryableStatusCodes: ["UNAVAILABLE"],
    };
    const serviceConfig = JSON.stringify({
      loadBalancingConfig: [],
      methodConfig: [{ name: [{}], retryPolicy }],
    });
    using client = storeClient(server.address, { "grpc.service_config": serviceConfig });
    await runWithSelector("7", async () => {
      const ended = await callOf(client, "unary", plain());
      assert.deepEqual([ended.code, ended.messages, attempts], [status.OK, ["7"], 3]);
      assert.deepEqual(callsSoFar(), complete({ hops: [storeHop] }));
    });
  });

  it("says that a call got no answer when its deadline passes first", async () => {
    await using hole = await listenSilently();
    using client = storeClient(hole.host);
    await runWithSelector("7", async () => {
      const ended = await callOf(client, "unary", { ...plain(), deadline: 50 });
      assert.equal(ended.code, status.DEADLINE_EXCEEDED);
      assert.deepEqual(callsSoFar(), complete({ hops: [{ service: "store", note: "unreachable" }] }));
    });
  });

  it("says that a call got no answer when its caller cancels it before one", async () => {
    const arrived = Promise.withResolvers<void>();
    await using server = await serveStore({ unary: () => arrived.resolve() });
    using client = storeClient(server.address);
    await runWithSelector("7", async () => {
      const { path, requestSerialize, responseDeserialize } = definition.unary;
      const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, "a", () => {});
      const ended = new Promise((resolve) => call.on("status", resolve));
      await arrived.promise;
      call.cancel();
      await ended;
      assert.deepEqual(callsSoFar(), complete({ hops: [{ service: "store", note: "unreachable" }] }));
    });
  });

  it("does not call it unreachable, only incomplete, when the caller stops reading an answer", async () => {
    await using server = await serveStore({ serverStream: (call) => void call.write("one") });
    using client = storeClient(server.address);
    await runWithSelector("7", async () => {
      const { path, requestSerialize, responseDeserialize } = definition.serverStream;
      const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, "a");
      call.on("error", () => {});
      const ended = new Promise((resolve) => call.on("status", resolve));
      call.on("data", () => call.cancel());
      await ended;
      assert.deepEqual(callsSoFar(), { trails: [], complete: false });
    });
  });

  it("leaves out a service that does not use the library, and a malformed trail", async () => {
    await using server = await serveGrpc({
      unary: (call, callback) => {
        const metadata = new Metadata();
        if (call.request === "bad") metadata.set("x-canary-trail", '"unfinished');
        callback(null, "", metadata);
      },
    });
    using client = storeClient(server.address);
    await runWithSelector("7", async () => {
      await callOf(client, "unary", { metadata: new Metadata(), messages: ["none"] });
      await callOf(client, "unary", { metadata: new Metadata(), messages: ["bad"] });
      assert.deepEqual(callsSoFar(), complete());
    });
  });

  it("does not change the caller's metadata, which other calls may share", async () => {
    await using server = await serveStore(echoing);
    using client = storeClient(server.address);
    const shared = new Metadata();
    const call = (selector: string | undefined) =>
      runWithSelector(selector, () => callOf(client, "unary", { metadata: shared }));
    const ended = await Promise.all(["1", undefined, "2"].map(call));
    assert.deepEqual(
      ended.map(({ messages }) => messages),
      [["1"], [""], ["2"]],
    );
    assert.deepEqual(shared.get("x-canary"), []);
  });

  it("replaces a selector that the caller passes on, and removes it where the request's is invalid", async () => {
    await using server = await serveStore(echoing);
    using client = storeClient(server.address);
    const metadata = new Metadata();
    metadata.set("x-canary", "9");
    const sent = async (selector: string) =>
      (await runWithSelector(selector, () => callOf(client, "unary", { metadata }))).messages;
    assert.deepEqual(await sent("7"), ["7"]);
    assert.deepEqual(await sent("?"), [""]);
    assert.deepEqual(
      (await callOf(client, "unary", { metadata })).messages,
      ["9"],
      "a script may set its own",
    );
  });

  it("says that a call got no answer when a proxy gave one of its own", async () => {
    const proxy = createServer((_request, response) => {
      response.writeHead(503, { "content-type": "text/plain; charset=utf-8" }).end("Service Unavailable");
    });
    await using running = await listen(proxy);
    using client = storeClient(running.host);
    await runWithSelector("7", async () => {
      assert.equal((await callOf(client, "unary", plain())).code, status.UNAVAILABLE);
      assert.deepEqual(callsSoFar(), complete({ hops: [{ service: "store", note: "unreachable" }] }));
    });
  });

  it("survives a server that resets the stream", async () => {
    const server = createServer().on("stream", (stream) => {
      stream.on("error", () => {});
      stream.close(2);
    });
    await using running = await listen(server);
    using client = storeClient(running.host);
    await runWithSelector("7", async () => {
      assert.equal((await callOf(client, "unary", plain())).code, status.INTERNAL);
      assert.deepEqual(callsSoFar(), complete());
    });
  });

  it("refuses a malformed service name when it is set up", () => {
    assert.throws(() => canaryClientInterceptor({ service: "Store" }), /service must be a service's name/);
  });
});

/** Accepts connections and never says anything. */
function listenSilently() {
  return listen(createTcpServer());
}
