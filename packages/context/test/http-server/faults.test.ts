import assert from "node:assert/strict";
import { Agent, createServer, request } from "node:http";
import { describe, it } from "node:test";
import express from "express";
import fastify from "fastify";
import { canaryExpress, canaryFastify, withCanary } from "../../src/http-server/index.ts";
import { outgoingSelector } from "../../src/index.ts";
import { get, listen } from "../support/http.ts";

const identity = { service: "api" };
const tagged = { "x-canary": "7" };

describe("a handler that fails", () => {
  it("answers with the trail in Express", async () => {
    const app = express();
    app.set("env", "test");
    app.use(canaryExpress({ identity }));
    app.get("/", () => Promise.reject(new Error("broken")));
    await using server = await listen(createServer(app));
    const answer = await get(server.url, tagged);
    assert.equal(answer.status, 500);
    assert.deepEqual(answer.trail, { hops: [{ service: "api" }] });
  });

  it("answers with the trail in Fastify, and so do its 404 and a body that it refuses", async () => {
    const app = fastify();
    app.register(canaryFastify, { identity });
    app.post("/", () => Promise.reject(new Error("broken")));
    await app.ready();
    await using server = await listen(app.server);
    const json = { ...tagged, "content-type": "application/json" };
    const answers = [
      await get(server.url, json, { method: "POST", body: "{}" }),
      await get(server.url, json, { method: "POST", body: "{" }),
      await get(`${server.url}/none`, tagged),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [500, 400, 404],
    );
    for (const { trail, headers } of answers) {
      assert.deepEqual(trail, { hops: [{ service: "api" }] });
      assert.equal(headers.vary, "X-Canary");
    }
  });

  it("throws out of withCanary what it throws", async () => {
    const handler = withCanary({ identity }, () => {
      throw new Error("broken");
    });
    await using server = await listen((incoming, response) => {
      assert.throws(() => handler(incoming, response), /broken/);
      response.writeHead(500).end();
    });
    const answer = await get(server.url, tagged);
    assert.equal(answer.status, 500);
    assert.deepEqual(answer.trail, { hops: [{ service: "api" }] });
  });
});

describe("Fastify", () => {
  it("applies to routes and scopes of the instance that registers it, whatever their order", async () => {
    const app = fastify();
    app.register(canaryFastify, { identity });
    app.register(async (scope) => {
      scope.post("/inner", async () => outgoingSelector());
    });
    app.get("/outer", async () => outgoingSelector());
    const headers = { ...tagged, "content-type": "application/json" };
    const inner = await app.inject({ method: "POST", url: "/inner", headers, payload: "{}" });
    const outer = await app.inject({ method: "GET", url: "/outer", headers: tagged });
    for (const answer of [inner, outer]) {
      assert.equal(answer.body, "7");
      assert.equal(answer.headers["x-canary-trail"], '"api"');
    }
    await app.close();
  });
});

describe("a client", () => {
  it("that goes away in the middle does not hurt the next one", async () => {
    const started = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<string | undefined>();
    await using server = await listen(
      withCanary({ identity }, (incoming, response) => {
        if (incoming.url === "/next") return response.end("ok");
        started.resolve();
        response.on("close", () => {
          aborted.resolve(outgoingSelector());
          response.writeHead(200, { Vary: "Origin" }).end("too late");
        });
        return undefined;
      }),
    );
    const sent = request(server.url, { headers: tagged });
    sent.on("error", () => {});
    sent.end();
    await started.promise;
    sent.destroy();
    assert.equal(await aborted.promise, "7");
    assert.equal((await get(`${server.url}/next`)).body, "ok");
  });

  it("that keeps its connection gets each answer for its own selector", async () => {
    await using server = await listen(
      withCanary({ identity }, async (incoming, response) => {
        for await (const _chunk of incoming);
        response.end(String(outgoingSelector()));
      }),
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const selectors = ["1", undefined, "api=2", undefined, "3", "?", undefined];
    for (const selector of selectors) {
      const headers = selector === undefined ? {} : { "x-canary": selector };
      const answer = await get(server.url, headers, { method: "POST", body: "x", agent });
      assert.equal(answer.body, String(selector === "?" ? undefined : selector));
      assert.equal(answer.headers["x-canary-echo"], selector === "?" ? undefined : selector);
      assert.equal(answer.trail !== undefined, selector !== undefined);
    }
    agent.destroy();
  });
});
