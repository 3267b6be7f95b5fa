import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import express from "express";
import fastify from "fastify";
import {
  type CanaryHttpOptions,
  canaryExpress,
  canaryFastify,
  withCanary,
} from "../../src/http-server/index.ts";
import { currentSelector, outgoingSelector } from "../../src/index.ts";
import { get, listen } from "../support/http.ts";

/** What the three adapters have in common is tested with the same handler behind each of them. */
type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const adapters: Record<string, (options: CanaryHttpOptions, handler: Handler) => Promise<Server>> = {
  "node:http": async (options, handler) => createServer(withCanary(options, handler)),
  Express: async (options, handler) => {
    const app = express();
    app.disable("x-powered-by");
    app.use(canaryExpress(options));
    app.use((request, response) => handler(request, response));
    return createServer(app);
  },
  Fastify: async (options, handler) => {
    const app = fastify();
    app.register(canaryFastify, options);
    app.all("/", (request, reply) => {
      reply.hijack();
      handler(request.raw, reply.raw);
    });
    app.addContentTypeParser("*", (_request, _payload, done) => done(null));
    await app.ready();
    return app.server;
  },
};

const identity = { service: "api", pr: 7, revision: "ab12cd34ef56" };
const own = { service: "api", pr: 7, rev: "ab12cd34ef56" };

for (const [name, start] of Object.entries(adapters)) {
  describe(name, () => {
    const serve = async (handler: Handler, options: Partial<CanaryHttpOptions> = {}) =>
      listen(await start({ identity, ...options }, handler));

    it("gives the selector to the handler and repeats it in the response", async () => {
      await using server = await serve((_request, response) =>
        response.end(JSON.stringify(currentSelector())),
      );
      const answer = await get(server.url, { "X-Canary": "7" });
      assert.deepEqual(JSON.parse(answer.body), { kind: "pr", pr: 7 });
      assert.equal(answer.headers["x-canary-echo"], "7");
      assert.deepEqual(answer.trail, { hops: [own] });
      assert.equal(answer.headers.vary, "X-Canary");
    });

    it("adds nothing but Vary where there is no selector", async () => {
      await using server = await serve((_request, response) => response.end(String(outgoingSelector())));
      const answer = await get(server.url);
      assert.equal(answer.body, "undefined");
      assert.equal(answer.headers.vary, "X-Canary");
      assert.equal(answer.headers["x-canary-echo"], undefined);
      assert.equal(answer.trail, undefined);
    });

    it("takes two equal lines as one, which a joined value would make invalid", async () => {
      await using server = await serve((_request, response) => response.end(outgoingSelector()));
      const answer = await get(server.url, { "x-canary": ["store=45,api=7", " store=45,api=7 "] });
      assert.equal(answer.body, "store=45,api=7");
      assert.equal(answer.headers["x-canary-echo"], "store=45,api=7");
    });

    it("neither echoes nor passes on an invalid selector, says so in the trail, and tells the reason", async () => {
      const reasons: string[] = [];
      const onInvalid = (reason: string) => reasons.push(reason);
      await using server = await serve((_request, response) => response.end(String(outgoingSelector())), {
        onInvalid,
      });
      const answers = [
        await get(server.url, { "x-canary": ["7", "8"] }),
        await get(server.url, { "x-canary": "../../etc" }),
        await get(server.url, { "x-canary": "" }),
      ];
      for (const answer of answers) {
        assert.equal(answer.body, "undefined");
        assert.equal(answer.headers["x-canary-echo"], undefined);
        assert.equal(answer.headers.vary, "X-Canary");
        assert.deepEqual(answer.trail, { hops: [{ ...own, note: "invalid-selector" }] });
      }
      assert.deepEqual(reasons, ["differing-lines", "malformed", "malformed"]);
    });

    it("answers also when the callback for invalid selectors throws", async () => {
      const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
      const onInvalid = () => {
        throw new Error("no such metric");
      };
      await using server = await serve((_request, response) => response.end("ok"), { onInvalid });
      assert.equal((await get(server.url, { "x-canary": "?" })).body, "ok");
      assert.match((await warned).message, /no such metric/);
    });

    it("keeps the selector in the events of both streams", async () => {
      const finished = Promise.withResolvers<string | undefined>();
      await using server = await serve((request, response) => {
        const seen: (string | undefined)[] = [];
        response.on("finish", () => finished.resolve(outgoingSelector()));
        request.on("data", () => seen.push(outgoingSelector()));
        request.on("end", () => response.end(JSON.stringify([...seen, outgoingSelector()])));
      });
      const body = "x".repeat(10);
      const answer = await get(server.url, { "x-canary": "7" }, { method: "POST", body });
      assert.deepEqual([...new Set(JSON.parse(answer.body))], ["7"]);
      assert.equal(await finished.promise, "7");
    });

    it("announces the hop of a streamed response when its headers leave", async () => {
      await using server = await serve(async (_request, response) => {
        response.write("a");
        await delay(1);
        response.end(outgoingSelector());
      });
      const answer = await get(server.url, { "x-canary": "7" });
      assert.equal(answer.body, "a7");
      assert.deepEqual(answer.trail, { hops: [own] });
    });

    for (const [what, method, status] of [
      ["HEAD", "HEAD", 200],
      ["304", "GET", 304],
      ["204", "GET", 204],
    ] as const) {
      it(`announces the hop of a ${what} response`, async () => {
        await using server = await serve((_request, response) => response.writeHead(status).end());
        const answer = await get(server.url, { "x-canary": "7" }, { method });
        assert.equal(answer.status, status);
        assert.equal(answer.headers.vary, "X-Canary");
        assert.equal(answer.headers["x-canary-echo"], "7");
        assert.deepEqual(answer.trail, { hops: [own] });
      });
    }

    it("refuses a malformed identity when it is set up", async () => {
      const options = { identity: { service: "No Name" } };
      await assert.rejects(
        start(options, () => {}),
        /identity.service must be a service's name/,
      );
    });
  });
}
