import assert from "node:assert/strict";
import { Agent } from "node:http";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Metadata } from "@grpc/grpc-js";
import type { Hop } from "@perch/header";
import express from "express";
import { createFetch } from "../src/fetch/index.ts";
import { canaryClientInterceptor, canaryServerInterceptor } from "../src/grpc/index.ts";
import { canaryExpress, withCanary } from "../src/http-server/index.ts";
import { outgoingSelector } from "../src/index.ts";
import { callOf, serveGrpc, TestClient } from "./support/grpc.ts";
import { type Answer, get, listen } from "./support/http.ts";

const pause = () => delay(Math.random() * 10);

/** prices: plain HTTP. Answers with the selector that it sees. */
function startPrices() {
  const identity = { service: "prices", revision: "v2" };
  return listen(
    withCanary({ identity }, async (_request, response) => {
      await pause();
      response.end(String(outgoingSelector()));
    }),
  );
}

/** store: gRPC. Calls prices over HTTP and adds what it sees itself. */
function startStore(prices: { host: string; url: string }) {
  const fetch = createFetch({ hosts: { [prices.host]: "prices" } });
  const identity = { service: "store", pr: 45 };
  return serveGrpc(
    {
      unary: async (_call, callback) => {
        await pause();
        const answer = await (await fetch(prices.url)).text();
        callback(null, `${outgoingSelector()} ${answer}`);
      },
    },
    { interceptors: [canaryServerInterceptor({ identity })] },
  );
}

/** The same store, for when prices is away: it answers with an error. */
function startFailingStore(prices: { host: string; url: string }) {
  const fetch = createFetch({ hosts: { [prices.host]: "prices" } });
  const identity = { service: "store", pr: 45 };
  return serveGrpc(
    { unary: (_call, callback) => void fetch(prices.url).catch((error) => callback(error)) },
    { interceptors: [canaryServerInterceptor({ identity })] },
  );
}

/** api: Express. Calls store twice at the same time over one connection and adds what it sees itself. */
function startApi(store: TestClient) {
  const app = express();
  app.use(canaryExpress({ identity: { service: "api", pr: 7 } }));
  app.use(express.text());
  app.post("/", async (_request, response) => {
    const call = () => callOf(store, "unary", { metadata: new Metadata() });
    const [first, second] = await Promise.all([call(), pause().then(call)]);
    response.send([String(outgoingSelector()), ...first.messages, ...second.messages].join(" "));
  });
  return listen(app);
}

describe("a chain of services", () => {
  it("never mixes 2,000 interleaved requests, and tells the true trail of each", async () => {
    await using prices = await startPrices();
    await using store = await startStore(prices);
    using client = new TestClient(store.address, [canaryClientInterceptor({ service: "store" })]);
    await using api = await startApi(client);
    const agent = new Agent({ keepAlive: true, maxSockets: 200 });
    const selectors = Array.from({ length: 2_000 }, (_, i) => selectorOf(i));
    const answers = await Promise.all(selectors.map((selector) => send(api.url, selector, agent)));
    agent.destroy();
    for (const [i, selector] of selectors.entries())
      checkAnswer(answers[i] ?? assert.fail("no answer"), selector);
  });

  it("says that its trail is partial when the headers leave before a call has ended", async () => {
    const headersSeen = Promise.withResolvers<void>();
    await using prices = await startPrices();
    await using slow = await listen(async (_request, response) => {
      await headersSeen.promise;
      response.end();
    });
    const fetch = createFetch({ hosts: { [prices.host]: "prices", [slow.host]: "slow" } });
    await using api = await listen(
      withCanary({ identity: { service: "api" } }, async (_request, response) => {
        const pending = fetch(slow.url);
        await fetch(prices.url);
        response.flushHeaders();
        await pending;
        response.end();
      }),
    );
    const answer = await get(api.url, { "x-canary": "7" }, { onHeaders: headersSeen.resolve });
    const partial: Hop[] = [
      { service: "api", note: "partial" },
      { service: "prices", rev: "v2" },
    ];
    assert.deepEqual(answer.trail, { hops: partial });
  });

  it("names the service that is down, and errors keep the trail on their way back", async () => {
    const prices = await startPrices();
    await prices[Symbol.asyncDispose]();
    await using store = await startFailingStore(prices);
    using client = new TestClient(store.address, [canaryClientInterceptor({ service: "store" })]);
    await using api = await startApi(client);
    const answer = await send(api.url, "7");
    const failed: Hop[] = [
      { service: "store", pr: 45 },
      { service: "prices", note: "unreachable" },
    ];
    assert.deepEqual(answer.trail, { hops: [{ service: "api", pr: 7 }, ...failed, ...failed] });
  });
});

/** A bare number, a list, nothing, and something invalid, in turn; valid ones are all different. */
function selectorOf(i: number): string | undefined {
  return [String(i + 1), `api=${i + 1},store=${i + 2}`, undefined, `api=${i},api=${i}`][i % 4];
}

function send(url: string, selector: string | undefined, agent?: Agent): Promise<Answer> {
  const headers = {
    "content-type": "text/plain",
    ...(selector === undefined ? {} : { "x-canary": selector }),
  };
  return get(url, headers, { method: "POST", body: "text", ...(agent ? { agent } : {}) });
}

const chain: Hop[] = [
  { service: "api", pr: 7 },
  { service: "store", pr: 45 },
  { service: "prices", rev: "v2" },
  { service: "store", pr: 45 },
  { service: "prices", rev: "v2" },
];

function checkAnswer(answer: Answer, selector: string | undefined): void {
  const invalid = selector !== undefined && /^api=(\d+),api=/.test(selector);
  const seen = invalid ? undefined : selector;
  assert.equal(answer.body, Array(chain.length).fill(String(seen)).join(" "));
  assert.equal(answer.headers["x-canary-echo"], seen);
  assert.equal(answer.headers.vary, "X-Canary");
  const apiOnly = invalid ? { hops: [{ service: "api", pr: 7, note: "invalid-selector" }] } : undefined;
  assert.deepEqual(answer.trail, seen === undefined ? apiOnly : { hops: chain });
}
