import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { Metadata, status } from "@grpc/grpc-js";
import { backend, metadata, route, tableOf } from "./harness.ts";

const bytes = (text: string) => Buffer.from(text);

describe("each kind of call", () => {
  it("unary: one message each way, with metadata, binary metadata and repeated keys both ways", async (t) => {
    const stable = await backend(t, {
      Unary: (call, answer) => {
        const head = new Metadata();
        head.add("x-seen", String(call.metadata.get("x-many").join("|")));
        call.sendMetadata(head);
        const trailers = new Metadata();
        for (const value of call.metadata.get("x-some-bin")) trailers.add("x-back-bin", value);
        trailers.add("x-twice", "a");
        trailers.add("x-twice", "b");
        answer(null, bytes(`got ${call.request}`), trailers);
      },
    });
    const { client } = await route(t, tableOf({ stable: stable.address }));
    const sent = metadata({ "x-some-bin": Buffer.from([0, 255, 10, 13]) });
    sent.add("x-many", "1");
    sent.add("x-many", "2");
    const { value, head, trailers } = await client.unaryWhole("hello", sent);
    assert.equal(String(value), "got hello");
    // gRPC joins equal keys in order: by "|" in the handler, or by ", " where HTTP/2 did it before.
    assert.match(String(head.get("x-seen")[0]), /^1(\||, )2$/);
    assert.deepEqual(trailers.get("x-back-bin"), [Buffer.from([0, 255, 10, 13])]);
    assert.deepEqual(trailers.get("x-twice").join(", "), "a, b");
  });

  it("client stream: many messages up, one down", async (t) => {
    const stable = await backend(t, {
      ClientStream: (call, answer) => {
        let sum = 0;
        call.on("data", (message: Buffer) => {
          sum += message.length;
        });
        call.on("end", () => answer(null, bytes(String(sum))));
      },
    });
    const { client } = await route(t, tableOf({ stable: stable.address }));
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const call = client.clientStream((error, value) => (error ? reject(error) : resolve(String(value))));
    for (let n = 0; n < 100; n += 1) call.write(Buffer.alloc(1000));
    call.end();
    assert.equal(await promise, "100000");
  });

  it("server stream: one message up, many down, in order", async (t) => {
    const stable = await backend(t, {
      ServerStream: (call) => {
        for (let n = 0; n < 500; n += 1) call.write(bytes(String(n)));
        call.end();
      },
    });
    const { client } = await route(t, tableOf({ stable: stable.address }));
    const got: string[] = [];
    for await (const message of client.serverStream()) got.push(String(message));
    assert.deepEqual(
      got,
      Array.from({ length: 500 }, (_, n) => String(n)),
    );
  });

  it("bidirectional: answers come while the client still sends", async (t) => {
    const stable = await backend(t, {
      Bidi: (call) => call.on("data", (m) => call.write(bytes(`re ${m}`))).on("end", () => call.end()),
    });
    const { client } = await route(t, tableOf({ stable: stable.address }));
    const call = client.bidi();
    for (const message of ["a", "b", "c"]) {
      call.write(bytes(message));
      const [answer] = await once(call, "data");
      assert.equal(String(answer), `re ${message}`);
    }
    const ended = once(call, "status");
    call.end();
    call.resume();
    assert.equal((await ended)[0].code, status.OK);
  });
});

describe("an error", () => {
  it("keeps code, message and metadata, without any message before it", async (t) => {
    const stable = await backend(t, {
      Unary: (_call, answer) => {
        const trailers = metadata({ "x-reason": "quota", "x-detail-bin": Buffer.from([1, 2]) });
        answer({ code: status.RESOURCE_EXHAUSTED, details: "zu viel: 100 % ☃", metadata: trailers });
      },
    });
    const { client } = await route(t, tableOf({ stable: stable.address }));
    await assert.rejects(client.unary(), (error: { code: number; details: string; metadata: Metadata }) => {
      assert.equal(error.code, status.RESOURCE_EXHAUSTED);
      assert.equal(error.details, "zu viel: 100 % ☃");
      assert.deepEqual(error.metadata.get("x-reason"), ["quota"]);
      assert.deepEqual(error.metadata.get("x-detail-bin"), [Buffer.from([1, 2])]);
      return true;
    });
  });

  it("of a stream comes after the messages before it", async (t) => {
    const stable = await backend(t, {
      ServerStream: (call) => {
        call.write(bytes("one"));
        call.emit("error", { code: status.ABORTED, details: "enough" });
      },
    });
    const { client } = await route(t, tableOf({ stable: stable.address }));
    const call = client.serverStream();
    const got: string[] = [];
    call.on("data", (message) => got.push(String(message)));
    const [error] = await once(call, "error");
    assert.deepEqual([got, error.code, error.details], [["one"], status.ABORTED, "enough"]);
  });
});

describe("an end from the client's side", () => {
  it("a cancel reaches the backend", async (t) => {
    const cancelled = Promise.withResolvers<void>();
    const stable = await backend(t, {
      ServerStream: (call) => {
        call.on("cancelled", cancelled.resolve);
        call.write(bytes("first"));
      },
    });
    const { client } = await route(t, tableOf({ stable: stable.address }));
    const call = client.serverStream();
    call.on("error", () => {});
    await once(call, "data");
    call.cancel();
    await cancelled.promise;
  });

  it("a deadline is known to the backend, and its passing reaches it", async (t) => {
    const known = Promise.withResolvers<unknown>();
    const cancelled = Promise.withResolvers<void>();
    const stable = await backend(t, {
      Unary: (call) => {
        known.resolve(call.getDeadline());
        call.on("cancelled", cancelled.resolve);
      },
    });
    const { client } = await route(t, tableOf({ stable: stable.address }));
    const deadline = new Date(Date.now() + 3_000);
    await assert.rejects(client.unary("", metadata(), deadline), { code: status.DEADLINE_EXCEEDED });
    const seen = await known.promise;
    assert.ok(seen instanceof Date || Number.isFinite(seen), String(seen));
    await cancelled.promise;
  });
});

describe("size and number", () => {
  it("a message of 16 MiB passes both ways as it is", async (t) => {
    const stable = await backend(t, { Unary: (call, answer) => answer(null, call.request) });
    const { client } = await route(t, tableOf({ stable: stable.address }));
    const body = Buffer.alloc(16 * 1024 * 1024, "perch");
    assert.ok((await client.unary(body)).equals(body));
  });

  it("a hundred streams at once are answered each by its own", async (t) => {
    const stable = await backend(t, {
      Bidi: (call) => call.on("data", (m) => call.write(m)).on("end", () => call.end()),
    });
    const { client } = await route(t, tableOf({ stable: stable.address }));
    const streams = Array.from({ length: 100 }, () => client.bidi());
    await Promise.all(
      streams.map(async (call, n) => {
        for (let round = 0; round < 5; round += 1) {
          call.write(bytes(`${n} ${round}`));
          assert.equal(String((await once(call, "data"))[0]), `${n} ${round}`);
        }
      }),
    );
    const ended = streams.map((call) => once(call, "status"));
    for (const call of streams) call.resume().end();
    for (const [{ code }] of await Promise.all(ended)) assert.equal(code, status.OK);
  });
});
