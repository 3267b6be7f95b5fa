import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { route, tableOf } from "./harness.ts";
import { frame, rawBackend, rawClient, request } from "./raw.ts";

const CHUNK = Buffer.alloc(64 * 1024);
/** Windows of two hops, and what sockets and streams keep: far below what a producer would like to send. */
const MOST_UNDER_WAY = 48 * 1024 * 1024;

/** Writes until nothing is taken for a while; returns how many bytes were. */
async function writeUntilFull(stream: { write(chunk: Buffer, done: () => void): boolean }): Promise<number> {
  let taken = 0;
  for (let written = 0; written < 4 * MOST_UNDER_WAY; written += CHUNK.length) {
    const flushed = new Promise<boolean>((resolve) => {
      stream.write(CHUNK, () => resolve(true));
      setTimeout(resolve, 500, false);
    });
    if (!(await flushed)) break;
    taken += CHUNK.length;
  }
  return taken;
}

describe("back-pressure", () => {
  it("a client that does not read stops the backend from sending", async (t) => {
    const taken = Promise.withResolvers<number>();
    const producer = await rawBackend(t, (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      writeUntilFull(stream).then(taken.resolve, taken.reject);
    });
    const { port } = await route(t, tableOf({ stable: producer.address }));
    const stream = (await rawClient(t, port)).request(request(), { endStream: false });
    stream.on("error", () => {});
    await once(stream, "response");
    assert.ok((await taken.promise) < MOST_UNDER_WAY);
  });

  it("a backend that does not read stops the client from sending", async (t) => {
    const consumer = await rawBackend(t, (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.pause();
    });
    const { port } = await route(t, tableOf({ stable: consumer.address }));
    const stream = (await rawClient(t, port)).request(request(), { endStream: false });
    stream.on("error", () => {});
    assert.ok((await writeUntilFull(stream)) < MOST_UNDER_WAY);
  });

  it("goes on where it stopped when the client reads again", async (t) => {
    const total = 512;
    const waiting = Promise.withResolvers<void>();
    const producer = await rawBackend(t, async (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      for (let n = 0; n < total; n += 1) {
        if (!stream.write(CHUNK)) await once(stream, "drain");
        // More than a client takes that does not read; less than the router does in its place.
        if (n * CHUNK.length > 512 * 1024) waiting.resolve();
      }
      stream.end(frame("end"));
    });
    const { port } = await route(t, tableOf({ stable: producer.address }));
    const stream = (await rawClient(t, port)).request(request(), { endStream: false });
    await once(stream, "response");
    stream.pause();
    await waiting.promise;
    let bytes = 0;
    const trailers = once(stream, "trailers");
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    assert.equal(bytes, total * CHUNK.length + frame("end").length);
    assert.equal((await trailers)[0]["grpc-status"], "0");
  });
});
