import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Stream, constants, type ServerHttp2Stream } from "node:http2";
import { describe, it } from "node:test";
import { route, tableOf } from "./harness.ts";
import { answerRaw, frame, rawBackend, rawClient, request, sendRaw } from "./raw.ts";

const HEAD = { ":status": 200, "content-type": "application/grpc" };
/** More than the windows and buffers of two hops take. */
const LARGE = Buffer.alloc(8 * 1024 * 1024);
const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants;

/** Milliseconds in which what ends at all has ended. */
const PATIENCE = 20_000;

const trailersOnly = (stream: ServerHttp2Stream) =>
  stream.respond({ ...HEAD, "grpc-status": "5" }, { endStream: true });

describe("an answer before the end of the request", () => {
  it("of trailers only ends the call of a client that is still sending", { timeout: PATIENCE }, async (t) => {
    const early = await rawBackend(t, trailersOnly);
    const { port } = await route(t, tableOf({ stable: early.address }));
    const stream = (await rawClient(t, port)).request(request(), { endStream: false });
    stream.write(frame("one of many"));
    const [[headers]] = await Promise.all([once(stream, "response"), once(stream, "close")]);
    assert.deepEqual([headers["grpc-status"], stream.rstCode], ["5", NGHTTP2_NO_ERROR]);
  });

  it("with a message ends the call of a client that is still sending", async (t) => {
    const early = await rawBackend(t, (stream) => answerRaw(stream, "enough"));
    const { port } = await route(t, tableOf({ stable: early.address }));
    const stream = (await rawClient(t, port)).request(request(), { endStream: false });
    const [[trailers]] = await Promise.all([once(stream, "trailers"), once(stream.resume(), "close")]);
    assert.deepEqual([trailers["grpc-status"], stream.rstCode], ["0", NGHTTP2_NO_ERROR]);
  });

  it("without trailers ends without them", async (t) => {
    const odd = await rawBackend(t, (stream) => {
      stream.respond(HEAD);
      stream.end("body");
    });
    const { port } = await route(t, tableOf({ stable: odd.address }));
    const { body, trailers, rstCode } = await sendRaw(await rawClient(t, port), request());
    assert.deepEqual([String(body), trailers["grpc-status"], rstCode], ["body", undefined, NGHTTP2_NO_ERROR]);
  });
});

/** Once a call is done nothing of it counts as under way: a release resolves before its time-out. */
describe("nothing is left of a call", () => {
  const backends: Record<string, (stream: ServerHttp2Stream) => void> = {
    "whose backend answered with trailers only": trailersOnly,
    "whose backend answered early": (stream) => answerRaw(stream, "enough"),
    "whose backend reads nothing": (stream) => {
      stream.pause();
      stream.respond(HEAD);
    },
    "whose backend sends without end": (stream) => {
      stream.respond(HEAD);
      stream.write(LARGE);
    },
    "that its backend reset with NO_ERROR": (stream) => {
      stream.respond(HEAD);
      stream.write(LARGE);
      stream.close(NGHTTP2_NO_ERROR);
    },
    "whose backend went away": (stream) => {
      stream.respond(HEAD);
      stream.write(LARGE, () => {});
      setImmediate(() => stream.session?.destroy());
    },
  };
  const clients: Record<string, (stream: ClientHttp2Stream) => void> = {
    "and whose client reads nothing, and cancels": (stream) => {
      stream.pause();
      stream.close(NGHTTP2_CANCEL);
    },
    "and whose client reads nothing, and ends it with NO_ERROR": (stream) => {
      stream.pause();
      stream.close(NGHTTP2_NO_ERROR);
    },
    "and whose client goes away": (stream) => stream.pause().session?.destroy(),
  };
  for (const [what, answer] of Object.entries(backends)) {
    for (const [how, leave] of Object.entries(clients)) {
      it(`${what} ${how}`, { timeout: PATIENCE }, async (t) => {
        const stable = await rawBackend(t, answer);
        const { port, router } = await route(t, tableOf({ stable: stable.address }));
        const session = await rawClient(t, port);
        const stream = session.request(request(), { endStream: false });
        stream.on("error", () => {});
        stream.write(LARGE);
        await once(stream, "response");
        leave(stream);
        await router.release(stable.address, 2 * PATIENCE);
      });
    }
  }
});
