import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import express from "express";
import { canaryExpress, withCanary } from "../../src/http-server/index.ts";
import { varyOf } from "../../src/http-server/write-head.ts";
import { currentContext } from "../../src/storage.ts";
import { get, listen } from "../support/http.ts";

const identity = { service: "api" };

/** The ways in which handlers send headers, and the `Vary` that must come out. */
const ways: Record<string, { send: (response: ServerResponse) => void; vary: string }> = {
  "no headers at all": { send: (response) => response.end(), vary: "X-Canary" },
  "setHeader, after the adapter ran": {
    send: (response) => response.setHeader("Vary", "Origin").end(),
    vary: "Origin, X-Canary",
  },
  "setHeader with several values": {
    send: (response) => response.setHeader("vary", ["Origin", "Accept"]).end(),
    vary: "Origin, Accept, X-Canary",
  },
  "writeHead with an object": {
    send: (response) => response.writeHead(201, { vary: "Origin", "X-Other": "1" }).end(),
    vary: "Origin, X-Canary",
  },
  "writeHead with a reason and an object": {
    send: (response) => response.writeHead(201, "Made", { VARY: "Origin", "X-Other": "1" }).end(),
    vary: "Origin, X-Canary",
  },
  "writeHead with a reason only": {
    send: (response) => response.setHeader("X-Other", "1").writeHead(201, "Made").end(),
    vary: "X-Canary",
  },
  "writeHead with a flat list": {
    send: (response) => response.writeHead(201, ["Vary", "Origin", "X-Other", "1"]).end(),
    vary: "Origin, X-Canary",
  },
  "writeHead with a flat list that repeats a name": {
    send: (response) => response.writeHead(201, ["Vary", "Origin", "X-Other", "1", "Vary", "Accept"]).end(),
    vary: "Origin, Accept, X-Canary",
  },
  "writeHead with a list of pairs": {
    send: (response) => {
      const pairs: unknown = [
        ["Vary", "Origin"],
        ["X-Other", "1"],
      ];
      response.writeHead(201, pairs as string[]).end();
    },
    vary: "Origin, X-Canary",
  },
  "writeHead over setHeader, which it replaces": {
    send: (response) => response.setHeader("Vary", "Accept").writeHead(200, { Vary: "Origin" }).end(),
    vary: "Origin, X-Canary",
  },
  "a Vary that names it already": {
    send: (response) => response.setHeader("Vary", "Origin, x-canary").end(),
    vary: "Origin, x-canary",
  },
  "a Vary of everything": { send: (response) => response.setHeader("Vary", "*").end(), vary: "*" },
  flushHeaders: {
    send: (response) => {
      response.setHeader("Vary", "Origin").flushHeaders();
      response.end();
    },
    vary: "Origin, X-Canary",
  },
};

describe("headers at header time", () => {
  for (const [way, { send, vary }] of Object.entries(ways)) {
    it(`are right with ${way}`, async () => {
      await using server = await listen(withCanary({ identity }, (_request, response) => send(response)));
      for (const headers of [{}, { "x-canary": "7" }]) {
        const answer = await get(server.url, headers);
        assert.equal(answer.headers.vary, vary);
        if (way.startsWith("writeHead with")) assert.equal(answer.headers["x-other"], "1");
        if (answer.status === 201 && way.includes("reason")) assert.equal(answer.reason, "Made");
        if ("x-canary" in headers) assert.deepEqual(answer.trail, { hops: [{ service: "api" }] });
      }
    });
  }

  it("keep several lines of one name", async () => {
    const cookies = ["a=1", "b=2"];
    await using server = await listen(
      withCanary({ identity }, (_request, response) =>
        response.writeHead(200, { "Set-Cookie": cookies }).end(),
      ),
    );
    assert.deepEqual((await get(server.url, { "x-canary": "7" })).headers["set-cookie"], cookies);
  });

  it("replace an echo and a trail that a handler passes on from a call of its own", async () => {
    const passedOn = { "x-canary-echo": "9", "X-Canary-Trail": '"other"' };
    await using server = await listen(
      withCanary({ identity }, (_request, response) => response.writeHead(200, passedOn).end()),
    );
    const answer = await get(server.url, { "x-canary": "7" });
    assert.equal(answer.headers["x-canary-echo"], "7");
    assert.equal(answer.headers["x-canary-trail"], '"api"');
  });

  it("are announced once by two adapters around each other, with the calls of the handler", async () => {
    const reasons: string[] = [];
    const onInvalid = (reason: string) => reasons.push(reason);
    const app = express();
    app.use(canaryExpress({ identity, onInvalid }));
    app.use((_request, response) => {
      currentContext()?.calls.begin("store")({ kind: "unreachable" });
      response.end();
    });
    await using server = await listen(
      withCanary({ identity, onInvalid }, (request, response) => app(request, response)),
    );
    const answer = await get(server.url, { "x-canary": "7" });
    assert.equal(answer.headers.vary, "X-Canary");
    assert.deepEqual(answer.trail, { hops: [{ service: "api" }, { service: "store", note: "unreachable" }] });
    await get(server.url, { "x-canary": "?" });
    assert.deepEqual(reasons, ["malformed"]);
  });

  it("leave it to Node to refuse headers that are sent twice", async () => {
    await using server = await listen(
      withCanary({ identity }, (_request, response) => {
        response.writeHead(200);
        try {
          response.writeHead(200, { Vary: "Origin" });
        } catch (error) {
          response.end((error as NodeJS.ErrnoException).code);
        }
      }),
    );
    assert.equal((await get(server.url, { "x-canary": "7" })).body, "ERR_HTTP_HEADERS_SENT");
  });
});

describe("varyOf", () => {
  it("takes a name that only contains x-canary for another one", () => {
    assert.equal(varyOf({ vary: "X-Canary-Echo" }, undefined), "X-Canary-Echo, X-Canary");
  });

  it("ignores an empty value", () => {
    assert.equal(varyOf({ vary: "" }, "Origin"), "X-Canary");
  });
});
