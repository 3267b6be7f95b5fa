import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as undici from "undici";
import { createFetch } from "../../src/fetch/index.ts";
import { runWithSelector } from "../../src/index.ts";
import { currentContext } from "../../src/storage.ts";
import { type EchoServer, listenEchoing } from "../support/echo-server.ts";
import { listen } from "../support/http.ts";

const callsSoFar = () => currentContext()?.calls.soFar();
const unreachable = { trails: [{ hops: [{ service: "store", note: "unreachable" }] }], complete: true };

/** The selectors that a server was sent, one for each request. */
const selectors = ({ received }: EchoServer) => received.map(({ headers }) => headers["x-canary"]);

/** Each implementation takes only its own kind of Request. */
const implementations = {
  "the global fetch": globalThis,
  "undici's fetch": undici as unknown as Pick<typeof globalThis, "fetch" | "Request">,
};

for (const [name, { fetch, Request }] of Object.entries(implementations)) {
  describe(`createFetch over ${name}`, () => {
    const over = (...servers: EchoServer[]) =>
      createFetch({ hosts: Object.fromEntries(servers.map(({ host }) => [host, "store"])), fetch });

    it("sends the selector to a listed host and takes the trail from its answer", async () => {
      await using store = await listenEchoing();
      await runWithSelector("api=2,store=1", async () => {
        const response = await over(store)(store.url, { headers: { "send-trail": '"store";pr=1' } });
        assert.deepEqual([response.status, await response.text()], [200, "body"]);
        assert.deepEqual(callsSoFar(), { trails: [{ hops: [{ service: "store", pr: 1 }] }], complete: true });
      });
      assert.deepEqual(selectors(store), ["api=2,store=1"]);
    });

    it("sends nothing to a host that is not listed, and takes the caller's own header away", async () => {
      await using store = await listenEchoing();
      await using other = await listenEchoing();
      const canaryFetch = over(store);
      await runWithSelector("7", async () => {
        await canaryFetch(other.url);
        await canaryFetch(other.url, { headers: { "X-Canary": "7" } });
        await canaryFetch(new Request(other.url, { headers: { "x-canary": "7", "x-own": "1" } }));
        assert.deepEqual(callsSoFar(), { trails: [], complete: true });
      });
      await canaryFetch(other.url, { headers: [["x-canary", "7"]] });
      assert.deepEqual(selectors(other), [undefined, undefined, undefined, undefined]);
      assert.equal(other.received[2]?.headers["x-own"], "1");
    });

    it("sends nothing where there is no selector, nor an invalid one that the caller passes on", async () => {
      await using store = await listenEchoing();
      const canaryFetch = over(store);
      await canaryFetch(store.url);
      await runWithSelector("?", () => canaryFetch(store.url, { headers: { "x-canary": "7" } }));
      await canaryFetch(store.url, { headers: { "x-canary": "7, 8" } });
      assert.deepEqual(selectors(store), [undefined, undefined, undefined]);
    });

    it("replaces the caller's own header by the request's, and keeps a valid one outside of any", async () => {
      await using store = await listenEchoing();
      const send = () => over(store)(store.url, { headers: { "X-CANARY": "9" } });
      await runWithSelector("7", send);
      await send();
      assert.deepEqual(selectors(store), ["7", "9"]);
    });

    it("sends a Request with its method, headers and streamed body", async () => {
      await using store = await listenEchoing();
      const request = new Request(store.url, { method: "PUT", headers: { "x-own": "1" }, body: "text" });
      await runWithSelector("7", () => over(store)(request));
      const [{ method, headers, body } = assert.fail("nothing arrived")] = store.received;
      assert.deepEqual([method, headers["x-own"], headers["x-canary"], body], ["PUT", "1", "7", "text"]);
    });

    for (const status of [301, 302, 303, 307, 308]) {
      it(`does not take the selector along when a ${status} leads to a host that is not listed`, async () => {
        await using store = await listenEchoing();
        await using other = await listenEchoing();
        await runWithSelector("7", async () => {
          const to = encodeURIComponent(`${other.url}/end`);
          const response = await over(store)(`${store.url}/redirect/${status}?to=${to}`, {
            method: "POST",
            body: "text",
            headers: { authorization: "secret", "content-type": "text/plain" },
          });
          assert.deepEqual(
            [response.status, response.redirected, response.url],
            [200, true, `${other.url}/end`],
          );
        });
        assert.deepEqual(selectors(store), ["7"]);
        const [end = assert.fail("the redirect was not followed")] = other.received;
        const repeated = status > 303;
        assert.equal(end.headers["x-canary"], undefined);
        assert.equal(end.headers.authorization, undefined);
        assert.deepEqual([end.method, end.body], repeated ? ["POST", "text"] : ["GET", ""]);
        assert.equal(end.headers["content-type"], repeated ? "text/plain" : undefined);
      });
    }

    it("keeps the method of a Request where a redirect keeps it, as fetch does", async () => {
      for (const [method, status, after] of [
        ["DELETE", 307, "DELETE"],
        ["DELETE", 302, "DELETE"],
        ["PUT", 301, "PUT"],
        ["HEAD", 301, "HEAD"],
        ["POST", 308, "POST"],
        ["POST", 302, "GET"],
        ["DELETE", 303, "GET"],
      ] as const) {
        await using store = await listenEchoing();
        const url = `${store.url}/redirect/${status}?to=/`;
        await runWithSelector("7", () => over(store)(new Request(url, { method })));
        assert.deepEqual(
          store.received.map((one) => [one.method, one.headers["x-canary"]]),
          [
            [method, "7"],
            [after, "7"],
          ],
        );
        assert.equal((await fetch(new Request(url, { method }))).status, 200);
        assert.equal(store.received.at(-1)?.method, after, "as without perch");
      }
    });

    it("sends the selector to each listed host of a redirect, and takes the trails of all of them", async () => {
      await using store = await listenEchoing();
      await using moved = await listenEchoing();
      await runWithSelector("7", async () => {
        const url = `${store.url}/redirect/302?to=${encodeURIComponent(moved.url)}`;
        await over(store, moved)(url, { headers: { "send-trail": '"store"' } });
        const trail = { hops: [{ service: "store" }] };
        assert.deepEqual(callsSoFar(), { trails: [trail, trail], complete: true });
      });
      assert.deepEqual([selectors(store), selectors(moved)], [["7"], ["7"]]);
    });

    it("takes a redirect without Location for an answer, and gives up after 20 with one", async () => {
      await using store = await listenEchoing();
      await using loop = await listen((_request, response) =>
        response.writeHead(302, { Location: "/" }).end(),
      );
      await runWithSelector("7", async () => {
        assert.equal((await over(store)(`${store.url}/redirect/302`)).status, 302);
        const looping = createFetch({ hosts: { [loop.host]: "store" }, fetch })(loop.url);
        await assert.rejects(looping, ({ cause }: Error) => /more than 20 redirects/.test(String(cause)));
      });
    });

    it("refuses a redirect that it cannot follow, and says why", async () => {
      await using store = await listenEchoing();
      const body = () => new Blob(["text"]).stream();
      const cases = [
        {
          path: "/redirect/307?to=/",
          init: { method: "POST", body: body(), duplex: "half" },
          why: /a stream/,
        },
        { path: "/redirect/302?to=ftp://a/", init: {}, why: /leaves HTTP/ },
        { path: "/redirect/302?to=http://[", init: {}, why: /no URL/ },
      ];
      for (const { path, init, why } of cases) {
        const sent = runWithSelector("7", () => over(store)(store.url + path, init as RequestInit));
        await assert.rejects(sent, ({ message, cause }: Error) => {
          assert.equal(message, "fetch failed");
          assert.match(String(cause), why);
          return true;
        });
      }
    });

    it("leaves redirects alone that the caller wants to see", async () => {
      await using store = await listenEchoing();
      const url = `${store.url}/redirect/302?to=/`;
      await runWithSelector("7", async () => {
        assert.equal((await over(store)(url, { redirect: "manual" })).status, 302);
        await assert.rejects(over(store)(url, { redirect: "error" }), TypeError);
      });
    });

    it("says that a call got no answer where nothing listens, and passes the error on", async () => {
      const store = await listenEchoing();
      await store[Symbol.asyncDispose]();
      await runWithSelector("7", async () => {
        await assert.rejects(over(store)(store.url), { name: "TypeError", message: "fetch failed" });
        assert.deepEqual(callsSoFar(), unreachable);
      });
    });

    it("says so also when the caller aborts, and when a proxy answers in the service's place", async () => {
      await using silent = await listen(() => {});
      await using store = await listenEchoing();
      await runWithSelector("7", async () => {
        const canaryFetch = createFetch({ hosts: { [silent.host]: "store" }, fetch });
        await assert.rejects(canaryFetch(silent.url, { signal: AbortSignal.timeout(20) }), /timeout|aborted/);
        assert.deepEqual(callsSoFar(), unreachable);
      });
      await runWithSelector("7", async () => {
        await over(store)(`${store.url}/status/503`);
        assert.deepEqual(callsSoFar(), unreachable);
      });
      await runWithSelector("7", async () => {
        await over(store)(`${store.url}/status/503`, { headers: { "send-trail": '"store"' } });
        assert.deepEqual(callsSoFar(), { trails: [{ hops: [{ service: "store" }] }], complete: true });
      });
    });

    it("records calls in the order in which they were started", async () => {
      const release = Promise.withResolvers<void>();
      await using store = await listen(async (request, response) => {
        if (request.url === "/slow") await release.promise;
        response.setHeader("x-canary-trail", `"${request.url?.slice(1)}"`).end();
      });
      const canaryFetch = createFetch({ hosts: { [store.host]: "store" }, fetch });
      await runWithSelector("7", async () => {
        const slow = canaryFetch(`${store.url}/slow`);
        await canaryFetch(`${store.url}/fast`);
        const fastHop = { hops: [{ service: "fast" }] };
        assert.deepEqual(callsSoFar(), { trails: [fastHop], complete: false });
        release.resolve();
        await slow;
        assert.deepEqual(callsSoFar(), {
          trails: [{ hops: [{ service: "slow" }] }, fastHop],
          complete: true,
        });
      });
    });

    it("refuses what is no URL as fetch does", async () => {
      await assert.rejects(
        runWithSelector("7", () => createFetch({ hosts: {}, fetch })("/relative")),
        TypeError,
      );
    });
  });
}
