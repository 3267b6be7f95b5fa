import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { startEdge, startHttpRouter } from "../../../src/routes/http/index.ts";
import {
  backend,
  bodyOf,
  edge,
  edgeFor,
  rawSocket,
  read,
  send,
  silent,
  tableOf,
  untilEnd,
} from "./harness.ts";

const nowhere = tableOf({});

describe("the edge", () => {
  it("routes by path, selector and share link, and echoes nothing of its own on forwarded answers", async (t) => {
    const says = (name: string) =>
      backend(t, (req, res) => res.end(`${name} ${req.url} ${req.headers["x-canary"] ?? "-"}`));
    const [api, canary, web] = await Promise.all(["api", "canary", "web"].map(says));
    const table = tableOf({
      api: {
        stable: api?.address ?? "",
        canaries: { 7: { address: canary?.address ?? "" } },
        prefix: "/api",
      },
      web: { stable: web?.address ?? "", prefix: "/" },
    });
    const router = await startEdge({
      listen: [{ host: "127.0.0.1", port: 0 }],
      table: () => table,
      logger: silent,
    });
    t.after(() => router.close(0));
    const port = router.listening[0]?.port ?? 0;
    const body = async (path: string, headers: Record<string, string | string[]> = {}) =>
      (await send(port, { path, headers })).body;
    assert.equal(await body("/api/items"), "api /api/items -");
    assert.equal(await body("/apix"), "web /apix -");
    assert.equal(await body("/api", { "X-Canary": "7" }), "canary /api 7");
    assert.equal(await body("/api", { "x-canary": "8" }), "api /api 8");
    assert.equal(await body("/api", { "X-Canary": ["7", "8"] }), "api /api 7, 8");
    assert.equal(
      await body("/api", { "X-Canary": ["8", "9"], Host: `pr-7.localhost:${port}` }),
      "canary /api 7",
    );
    assert.equal(await body("/", { Host: "api-pr-7.localhost" }), "web / api=7");
    assert.equal(
      (await send(port, { path: "/api", headers: { "X-Canary": "7" } })).headers["x-canary-echo"],
      undefined,
    );
  });

  it("answers for an unready canary with its state, never with stable", async (t) => {
    const stable = await backend(t, (_req, res) => res.end("stable"));
    const table = tableOf({
      api: { stable: stable.address, canaries: { 8: { state: "building" } }, prefix: "/" },
    });
    const { port } = await edge(t, table);
    const { status, headers, body } = await send(port, {
      method: "POST",
      headers: { "X-Canary": "api=8" },
      body: "x",
    });
    assert.equal(status, 503);
    assert.equal(headers["content-type"], "application/problem+json");
    assert.deepEqual(
      [headers["retry-after"], headers["x-canary-echo"], headers.vary],
      ["2", "api=8", "X-Canary"],
    );
    const { detail, ...problem } = JSON.parse(body);
    assert.deepEqual(problem, {
      status: 503,
      title: "Service Unavailable",
      code: "NOT_READY",
      service: "api",
      pr: 8,
      state: "building",
    });
    assert.match(detail, /building/);
  });

  it("never repeats a selector that it could not parse", async (t) => {
    const { port } = await edge(t, tableOf({ api: { prefix: "/" } }));
    const { status, headers, body } = await send(port, { headers: { "X-Canary": "<script>" } });
    assert.deepEqual([status, headers["x-canary-echo"], body.includes("script")], [503, undefined, false]);
  });

  it("answers 404 under a path of no service and for a closed share link, with the selector that it acted on", async (t) => {
    const { port } = await edge(t, tableOf({ api: { stable: "127.0.0.1:9", prefix: "/api" } }));
    const path = await send(port, { path: "/" });
    const link = await send(port, { path: "/api", headers: { Host: "pr-9.localhost" } });
    assert.deepEqual([path.status, JSON.parse(path.body).code], [404, "NO_ROUTE"]);
    assert.deepEqual(
      [link.status, JSON.parse(link.body).code, link.headers["x-canary-echo"]],
      [404, "CLOSED_LINK", "9"],
    );
  });

  it("takes the absolute form of a target, whose authority wins over Host", async (t) => {
    const { port } = await edgeFor(t, (req, res) => res.end(`${req.headers.host} ${req.url}`));
    const { body } = await send(port, { path: "http://shop.example/a?b", headers: { Host: "other" } });
    assert.equal(body, "shop.example /a?b");
  });

  it("answers OPTIONS * for itself and refuses CONNECT", async (t) => {
    const { port } = await edgeFor(t, (_req, res) => res.end("backend"));
    assert.equal((await send(port, { method: "OPTIONS", path: "*" })).status, 204);
    const socket = await rawSocket(t, port);
    socket.write("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n");
    const text = await untilEnd(socket);
    assert.match(text, /^HTTP\/1\.1 405 [\s\S]*\r\nAllow: GET,[\s\S]*CONNECT_REFUSED/);
  });

  it("passes one client connection's requests on one by one, to different backends", async (t) => {
    const stable = await backend(t, (_req, res) => res.end("stable"));
    const canary = await backend(t, (_req, res) => res.end("canary"));
    const table = tableOf({
      api: { stable: stable.address, canaries: { 1: { address: canary.address } }, prefix: "/" },
    });
    const { port } = await edge(t, table);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    for (const pr of ["1", "2", "1"]) {
      const { body } = await send(port, { agent, headers: { "X-Canary": pr } });
      assert.equal(body, pr === "1" ? "canary" : "stable");
    }
  });
});

describe("the router of a service", () => {
  it("routes by selector only and leaves what its callers say about the client", async (t) => {
    const canary = await backend(t, (req, res) => res.end(JSON.stringify(req.headers)));
    const table = tableOf({ store: { canaries: { 7: { address: canary.address } } } });
    const listen = [{ host: "127.0.0.1", port: 0 }];
    const router = await startHttpRouter({ listen, table: () => table, logger: silent, service: "store" });
    t.after(() => router.close(0));
    const headers = { "X-Canary": "7", "X-Forwarded-For": "192.0.2.1", Host: "pr-9.localhost" };
    const { body } = await send(router.listening[0]?.port ?? 0, { headers });
    const seen = JSON.parse(body);
    assert.deepEqual(
      [seen["x-forwarded-for"], seen.via, seen.host],
      ["192.0.2.1", undefined, "pr-9.localhost"],
    );
  });
});

describe("what is not a proper request", () => {
  const refused: Record<string, [status: number, bytes: string]> = {
    "bytes that are not HTTP": [400, "NONSENSE\r\n\r\n"],
    "both Content-Length and Transfer-Encoding": [
      400,
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    "two lengths": [400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc"],
    "an unknown transfer coding after chunked": [
      400,
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, x\r\n\r\n",
    ],
    "a space before the colon": [400, "GET / HTTP/1.1\r\nHost: h\r\nX-A : 1\r\n\r\n"],
    "a folded header": [400, "GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n 2\r\n\r\n"],
    "a bare line feed": [400, "GET / HTTP/1.1\nHost: h\n\n"],
    "two Host lines": [400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
    "no Host": [400, "GET / HTTP/1.1\r\n\r\n"],
    "a target of another scheme": [400, "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n"],
    "headers over 32 KiB": [431, `GET / HTTP/1.1\r\nHost: h\r\nX-A: ${"a".repeat(33 * 1024)}\r\n\r\n`],
  };
  for (const [name, [status, bytes]] of Object.entries(refused)) {
    it(`is answered ${status} and not forwarded: ${name}`, async (t) => {
      let forwarded = 0;
      const { port } = await edgeFor(t, (_req, res) => {
        forwarded++;
        res.end();
      });
      const socket = await rawSocket(t, port);
      socket.write(bytes);
      const [first] = await once(socket, "data");
      assert.match(String(first), new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.equal(forwarded, 0);
    });
  }

  it("passes headers just under 32 KiB", async (t) => {
    const { port } = await edgeFor(t, (req, res) => res.end(String(req.headers["x-a"]?.length)));
    // The backend of this test accepts 16 KiB, as Node does by default.
    assert.equal((await send(port, { headers: { "X-A": "a".repeat(15_000) } })).body, "15000");
    const { status } = await send(port, { headers: { "X-A": "a".repeat(31_000) } });
    assert.equal(status, 431);
  });

  it("is a 400 also when the body turns bad before the answer began", async (t) => {
    const { port } = await edgeFor(t, (req) => void req.resume());
    const socket = await rawSocket(t, port);
    socket.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nnonsense\r\n");
    assert.match(await untilEnd(socket), /^HTTP\/1\.1 400 /);
  });

  it("ends the connection when the body turns bad after the answer began", async (t) => {
    const { port } = await edgeFor(t, (_req, res) => void res.write("begun"));
    const socket = await rawSocket(t, port);
    socket.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    const [first] = await once(socket, "data");
    assert.match(String(first), /200 OK[\s\S]*begun/);
    socket.write("nonsense\r\n");
    assert.doesNotMatch(await untilEnd(socket), /400/);
  });
});

describe("slow clients", () => {
  it("are cut off while they send headers, not while they send a body", async (t) => {
    const stable = await backend(t, async (req, res) => res.end(await bodyOf(req)));
    const table = tableOf({ api: { stable: stable.address, prefix: "/" } });
    const { port } = await edge(t, table, { headersTimeout: 2_000 });
    const upload = await rawSocket(t, port);
    upload.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nConnection: close\r\n\r\n12345");
    const slow = await rawSocket(t, port);
    slow.write("GET / HTTP/1.1\r\nHost:");
    const text = await untilEnd(slow);
    assert.match(text, /^HTTP\/1\.1 408 [\s\S]*application\/problem\+json/);
    upload.write("67890");
    assert.match(await untilEnd(upload), /^HTTP\/1\.1 200 [\s\S]*1234567890/);
  });
});

describe("Expect: 100-continue", () => {
  const headers = { Expect: "100-continue", "Content-Length": 4 };

  it("is answered once the backend's connection is there, and then the body goes through", async (t) => {
    const { port } = await edgeFor(t, async (req, res) =>
      res.end(`${req.headers.expect} ${await bodyOf(req)}`),
    );
    const request = httpRequest({ host: "127.0.0.1", port, method: "POST", agent: false, headers });
    request.flushHeaders();
    await once(request, "continue");
    request.end("body");
    const [response] = (await once(request, "response")) as [IncomingMessage];
    assert.equal((await read(response)).body, "undefined body");
  });

  it("is not asked to continue when there is nowhere to go", async (t) => {
    const { port } = await edge(t, nowhere);
    const request = httpRequest({ host: "127.0.0.1", port, method: "POST", agent: false, headers });
    request.on("continue", () => assert.fail("told to send a body that nobody reads"));
    request.flushHeaders();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    assert.deepEqual([response.statusCode, response.headers.connection], [404, "close"]);
    request.on("error", () => {});
    request.destroy();
  });
});

describe("close", () => {
  it("lets requests under way end, on connections that are then closed, and takes no new one", async (t) => {
    const arrived = Promise.withResolvers<() => void>();
    const stable = await backend(t, (_req, res) => {
      res.write("begun ");
      arrived.resolve(() => res.end("ended"));
    });
    const { port, router } = await edge(t, tableOf({ api: { stable: stable.address, prefix: "/" } }));
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const answer = send(port, { agent });
    const end = await arrived.promise;
    const closed = router.close(60_000);
    const late = connect(port, "127.0.0.1");
    const [error] = await once(late, "error");
    assert.equal(error.code, "ECONNREFUSED");
    end();
    assert.equal((await answer).body, "begun ended");
    await closed;
  });

  it("cuts what is left when the grace is over", async (t) => {
    const { port, router } = await edgeFor(t, (_req, res) => void res.write("endless"));
    const request = httpRequest({ host: "127.0.0.1", port, agent: false }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const cut = assert.rejects(read(response), { code: "ECONNRESET" });
    await router.close(0);
    await router.close(0);
    await cut;
  });
});
