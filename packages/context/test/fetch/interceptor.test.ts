import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Agent, type Dispatcher, interceptors, request } from "undici";
import { canaryInterceptor } from "../../src/fetch/index.ts";
import { runWithSelector } from "../../src/index.ts";
import { currentContext } from "../../src/storage.ts";
import { type EchoServer, listenEchoing } from "../support/echo-server.ts";
import { listen } from "../support/http.ts";

const callsSoFar = () => currentContext()?.calls.soFar();
const selectors = ({ received }: EchoServer) => received.map(({ headers }) => headers["x-canary"]);

/** Runs `body` with a dispatcher that lists the server as "store". */
async function withDispatcher(
  { host }: { host: string },
  body: (dispatcher: Dispatcher) => Promise<unknown>,
  compose = (agent: Agent, canary: ReturnType<typeof canaryInterceptor>): Dispatcher => agent.compose(canary),
): Promise<void> {
  const agent = new Agent();
  try {
    await body(compose(agent, canaryInterceptor({ hosts: { [host]: "store" } })));
  } finally {
    await agent.destroy();
  }
}

describe("canaryInterceptor", () => {
  it("sends the selector to a listed host and takes the trail from its answer", async () => {
    await using store = await listenEchoing();
    await withDispatcher(store, (dispatcher) =>
      runWithSelector("7", async () => {
        const answer = await request(store.url, { dispatcher, headers: { "send-trail": '"store";pr=7' } });
        assert.equal(await answer.body.text(), "body");
        assert.deepEqual(callsSoFar(), { trails: [{ hops: [{ service: "store", pr: 7 }] }], complete: true });
      }),
    );
    assert.deepEqual(selectors(store), ["7"]);
  });

  for (const [form, headers] of Object.entries({
    "an object": { "X-Canary": "9", "x-own": "1" },
    "a flat list": ["X-Canary", "9", "x-own", "1"],
    "a list of pairs": new Map([
      ["X-Canary", "9"],
      ["x-own", "1"],
    ]),
    Headers: new Headers({ "X-Canary": "9", "x-own": "1" }),
  })) {
    it(`replaces or removes the caller's own header in ${form}`, async () => {
      await using store = await listenEchoing();
      await using other = await listenEchoing();
      await withDispatcher(store, (dispatcher) =>
        runWithSelector("7", async () => {
          for (const { url } of [store, other])
            await (await request(url, { dispatcher, headers })).body.dump();
        }),
      );
      assert.deepEqual([selectors(store), selectors(other)], [["7"], [undefined]]);
      for (const { received } of [store, other]) assert.equal(received[0]?.headers["x-own"], "1");
    });
  }

  it("goes by the origin alone, whatever host a path looks like", async () => {
    await using store = await listenEchoing();
    await using other = await listenEchoing();
    await withDispatcher(store, (dispatcher) =>
      runWithSelector("7", async () => {
        for (const [{ url }, path] of [
          [store, "//a/b"],
          [other, `//${store.host}/x`],
          [other, "//["],
        ] as const) {
          const headers = { "x-canary": "7" };
          const { body } = await dispatcher.request({ origin: url, path, method: "GET", headers });
          await body.dump();
        }
      }),
    );
    assert.deepEqual([selectors(store), selectors(other)], [["7"], [undefined, undefined]]);
  });

  it("sends nothing where there is no selector", async () => {
    await using store = await listenEchoing();
    await withDispatcher(store, async (dispatcher) => (await request(store.url, { dispatcher })).body.dump());
    assert.deepEqual(selectors(store), [undefined]);
  });

  it("decides for each request of a redirect, when it is composed first", async () => {
    await using store = await listenEchoing();
    await using other = await listenEchoing();
    const path = `/redirect/302?to=${encodeURIComponent(other.url)}`;
    await withDispatcher(
      store,
      (dispatcher) =>
        runWithSelector("7", async () => {
          const answer = await request(store.url + path, { dispatcher });
          assert.equal(answer.statusCode, 200);
          await answer.body.dump();
        }),
      (agent, canary) => agent.compose(canary, interceptors.redirect({ maxRedirections: 5 })),
    );
    assert.deepEqual([selectors(store), selectors(other)], [["7"], [undefined]]);
  });

  it("does not leak by a redirect interceptor beneath it either: that one is switched off", async () => {
    await using store = await listenEchoing();
    await using other = await listenEchoing();
    const path = `/redirect/302?to=${encodeURIComponent(other.url)}`;
    await withDispatcher(
      store,
      (dispatcher) =>
        runWithSelector("7", async () => {
          const answer = await request(store.url + path, { dispatcher });
          assert.equal(answer.statusCode, 302);
          await answer.body.dump();
        }),
      (agent, canary) => agent.compose(interceptors.redirect({ maxRedirections: 5 }), canary),
    );
    assert.deepEqual([selectors(store), selectors(other)], [["7"], []]);
  });

  it("says that a call got no answer where nothing listens, and when it is aborted", async () => {
    await using silent = await listen(() => {});
    const gone = await listenEchoing();
    await gone[Symbol.asyncDispose]();
    for (const [server, signal] of [
      [gone, undefined],
      [silent, AbortSignal.timeout(20)],
    ] as const) {
      await withDispatcher(server, (dispatcher) =>
        runWithSelector("7", async () => {
          await assert.rejects(request(server.url, { dispatcher, ...(signal ? { signal } : {}) }));
          const trails = [{ hops: [{ service: "store", note: "unreachable" }] }];
          assert.deepEqual(callsSoFar(), { trails, complete: true });
        }),
      );
    }
  });
});
