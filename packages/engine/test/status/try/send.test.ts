import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MAX_ANSWER, sendToEdge } from "../../../src/status/try/send.ts";
import { backend, bodyOf } from "../../routes/http/harness.ts";

describe("a request that is tried", () => {
  it("reaches the edge as it was asked for, and comes back with status, headers, body and trail", async (t) => {
    const { address } = await backend(t, async (request, response) => {
      const { method, url, headers } = request;
      const { host, "x-canary": selector, "content-type": type } = headers;
      response.writeHead(418, {
        "X-Canary-Trail": '"api";pr=7;rev="ab12cd34ef56", "store"',
        "set-cookie": ["a=1", "b=2"],
      });
      response.end(JSON.stringify({ method, url, host, selector, type, body: await bodyOf(request) }));
    });
    const port = address.split(":")[1];
    const answer = await sendToEdge(
      { address, secure: false },
      {
        method: "POST",
        path: "/a?b",
        host: "pr-7.localhost",
        selector: "7",
        body: "é",
      },
    );
    assert.equal(answer.status, 418);
    assert.deepEqual(JSON.parse(answer.body), {
      method: "POST",
      url: "/a?b",
      host: `pr-7.localhost:${port}`,
      selector: "7",
      type: "application/json",
      body: "é",
    });
    assert.deepEqual(answer.trail?.hops, [
      { service: "api", pr: 7, rev: "ab12cd34ef56" },
      { service: "store" },
    ]);
    assert.deepEqual(
      answer.headers.filter(([name]) => name === "set-cookie").map(([, value]) => value),
      ["a=1", "b=2"],
    );
    assert.equal(answer.cut, false);
  });

  it("gets no more of an answer than the bound, and ends the rest", async (t) => {
    const gone = Promise.withResolvers<void>();
    const { address } = await backend(t, (_request, response) => {
      response.once("close", gone.resolve);
      const more = () => {
        while (response.write(Buffer.alloc(64 * 1024, "a")));
        response.once("drain", more);
      };
      more();
    });
    const { body, cut } = await sendToEdge({ address, secure: false }, { method: "GET", path: "/" });
    assert.deepEqual([body.length, cut], [MAX_ANSWER, true]);
    await gone.promise;
  });

  it("fails when no answer comes, or not all of it, in the time that it has", async (t) => {
    const silent = await backend(t, () => {});
    await assert.rejects(
      sendToEdge({ address: silent.address, secure: false }, { method: "GET", path: "/" }, 50),
    );
    const slow = await backend(t, (_request, response) => response.write("begin"));
    await assert.rejects(
      sendToEdge({ address: slow.address, secure: false }, { method: "GET", path: "/" }, 200),
    );
  });
});
