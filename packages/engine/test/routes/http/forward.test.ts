import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { addressOf, bodyOf, edge, edgeFor, rawSocket, read, send, tableOf, untilEnd } from "./harness.ts";

const MIB = 1024 * 1024;

function* bytes(total: number): Generator<Buffer> {
  const chunk = Buffer.alloc(64 * 1024, 0x61);
  for (let sent = 0; sent < total; sent += chunk.length) yield chunk;
}

/** Counts bytes and drops them; keeps the most memory seen. */
class Counter extends Writable {
  count = 0;
  peak = 0;
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.count += chunk.length;
    this.peak = Math.max(this.peak, process.memoryUsage.rss());
    done();
  }
}

/** Resolves when a count has stopped growing. */
async function stalled(count: () => number): Promise<number> {
  for (let last = -1, same = 0; same < 500; same = last === count() ? same + 1 : 0) {
    last = count();
    await turn();
  }
  return count();
}

describe("a request on its way to the backend", () => {
  it("arrives with method, target, Host, duplicates and body", async (t) => {
    const { port } = await edgeFor(t, async (req, res) => {
      const { method, url, rawHeaders } = req;
      res.end(JSON.stringify({ method, url, rawHeaders, body: await bodyOf(req) }));
    });
    const headers = { Host: "shop.example:80", "X-A": ["1", "2"] };
    const { body } = await send(port, { method: "POST", path: "/a%20b?c=%0a&c", headers, body: "hello" });
    const seen = JSON.parse(body);
    assert.deepEqual([seen.method, seen.url, seen.body], ["POST", "/a%20b?c=%0a&c", "hello"]);
    const lines = seen.rawHeaders.join("\n");
    assert.match(lines, /host\nshop\.example:80/);
    assert.match(lines, /X-A\n1\nX-A\n2/);
    assert.match(
      lines,
      /X-Forwarded-For\n127\.0\.0\.1\nX-Forwarded-Proto\nhttp\nX-Forwarded-Host\nshop\.example:80/,
    );
  });

  it("may have a body whatever its method, with a length or chunked", async (t) => {
    const { port } = await edgeFor(t, async (req, res) => {
      const { "content-length": length, "transfer-encoding": encoding } = req.headers;
      res.end(JSON.stringify([await bodyOf(req), length, encoding]));
    });
    for (const method of ["GET", "DELETE", "OPTIONS", "PUT"]) {
      const sized = await send(port, { method, headers: { "Content-Length": 2 }, body: "ab" });
      assert.deepEqual(JSON.parse(sized.body), ["ab", "2", null], method);
      const chunked = await send(port, { method, headers: { "Transfer-Encoding": "chunked" }, body: "ab" });
      assert.deepEqual(JSON.parse(chunked.body), ["ab", null, "chunked"], method);
    }
  });

  it("is not read faster than the backend takes it", async (t) => {
    let taken: IncomingMessage | undefined;
    const { port } = await edgeFor(t, (req) => {
      taken = req;
    });
    const request = httpRequest({ host: "127.0.0.1", port, method: "POST", agent: false });
    let sent = 0;
    const source = Readable.from(bytes(512 * MIB)).on("data", (chunk) => {
      sent += chunk.length;
    });
    const upload = pipeline(source, request).catch(() => "cut");
    await stalled(() => sent);
    assert.ok(sent < 64 * MIB, `${sent} bytes were taken though nobody read them`);
    taken?.destroy();
    request.destroy();
    await upload;
  });

  it("ends when the client goes away, before and while it is answered and while it uploads", async (t) => {
    const arrived = Promise.withResolvers<IncomingMessage>();
    let current = arrived;
    const { port } = await edgeFor(t, (req, res) => {
      if (req.url === "/answering") res.write("begun");
      current.resolve(req);
    });
    for (const path of ["/silent", "/answering", "/uploading"]) {
      current = Promise.withResolvers();
      const request = httpRequest({
        host: "127.0.0.1",
        port,
        path,
        method: path === "/uploading" ? "POST" : "GET",
      });
      request.on("error", () => {});
      if (path === "/uploading") request.write("part");
      else request.end();
      const seen = await current.promise;
      if (path === "/answering") await once(request, "response");
      const gone = new Promise((resolve) => seen.socket.once("close", resolve));
      request.destroy();
      await gone;
    }
  });
});

describe("an answer on its way to the client", () => {
  it("arrives with status, reason, duplicates, Set-Cookie and Vary", async (t) => {
    const { port } = await edgeFor(t, (_req, res) => {
      res.writeHead(299, "As It Came", [
        "Set-Cookie",
        "a=1; Path=/",
        "Set-Cookie",
        "b=2",
        "X-A",
        "1",
        "X-A",
        "2",
      ]);
      res.end("body");
    });
    const { status, headers, rawHeaders, body } = await send(port);
    assert.deepEqual([status, body, headers.vary], [299, "body", "X-Canary"]);
    assert.deepEqual(headers["set-cookie"], ["a=1; Path=/", "b=2"]);
    assert.match(rawHeaders.join("\n"), /X-A\n1\nX-A\n2/);
  });

  it("has no body for HEAD, 204 and 304, and keeps the length that HEAD and 304 tell", async (t) => {
    const { port } = await edgeFor(t, (req, res) => {
      if (req.url === "/204") res.writeHead(204).end();
      else if (req.url === "/304") res.writeHead(304, { ETag: '"x"', "Content-Length": 9 }).end();
      else res.writeHead(200, { "Content-Length": 9 }).end(req.method === "HEAD" ? undefined : "123456789");
    });
    const socket = await rawSocket(t, port);
    socket.write("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET /204 HTTP/1.1\r\nHost: h\r\n\r\n");
    socket.write(
      "GET /304 HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    const text = await untilEnd(socket);
    const heads = text.split("HTTP/1.1 ").slice(1);
    assert.deepEqual(
      heads.map((head) => head.slice(0, 3)),
      ["200", "204", "304", "200"],
    );
    assert.match(heads[0] ?? "", /Content-Length: 9[\s\S]*\r\n\r\n$/);
    assert.doesNotMatch(heads[1] ?? "", /Content-Length/);
    assert.match(heads[2] ?? "", /Content-Length: 9[\s\S]*\r\n\r\n$/);
    assert.match(heads[3] ?? "", /\r\n\r\n123456789$/);
  });

  it("arrives in order on a connection with several requests under way", async (t) => {
    const held = Promise.withResolvers<void>();
    const { port } = await edgeFor(t, async (req, res) => {
      if (req.url === "/1") await held.promise;
      else held.resolve();
      res.end(`<${req.url}>`);
    });
    const socket = await rawSocket(t, port);
    socket.write("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert.match(await untilEnd(socket), /<\/1>[\s\S]*<\/2>/);
  });

  it("keeps its trailers", async (t) => {
    const { port } = await edgeFor(t, (_req, res) => {
      res.writeHead(200, { Trailer: "X-Sum" });
      res.write("body");
      res.addTrailers({ "X-Sum": "42" });
      res.end();
    });
    const { headers, trailers, body } = await send(port, { headers: { TE: "trailers" } });
    assert.deepEqual([headers.trailer, trailers["x-sum"], body], ["X-Sum", "42", "body"]);
  });

  it("is preceded by the informational answers that the backend sent", async (t) => {
    const { port } = await edgeFor(t, (_req, res) => {
      res.writeEarlyHints({ link: "</a.css>; rel=preload" });
      res.writeProcessing();
      res.end("done");
    });
    const request = httpRequest({ host: "127.0.0.1", port, agent: false }).end();
    const seen: unknown[] = [];
    request.on("information", ({ statusCode, headers }) => seen.push([statusCode, headers.link]));
    const [response] = await once(request, "response");
    assert.equal((await read(response)).body, "done");
    assert.deepEqual(seen, [
      [103, "</a.css>; rel=preload"],
      [102, undefined],
    ]);
  });

  it("sends headers and each event at once", async (t) => {
    const next = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const { port } = await edgeFor(t, async (_req, res) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      res.flushHeaders();
      await next[0].promise;
      res.write("data: 1\n\n");
      await next[1].promise;
      res.end("data: 2\n\n");
    });
    const request = httpRequest({ host: "127.0.0.1", port, agent: false }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const events = response.setEncoding("utf8")[Symbol.asyncIterator]();
    next[0].resolve();
    assert.equal((await events.next()).value, "data: 1\n\n");
    next[1].resolve();
    assert.equal((await events.next()).value, "data: 2\n\n");
    assert.equal((await events.next()).done, true);
  });

  it("may begin before the request has ended, both flowing at once", async (t) => {
    const { port } = await edgeFor(t, (req, res) => req.pipe(res));
    const request = httpRequest({ host: "127.0.0.1", port, method: "POST", agent: false });
    request.write("ping");
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const echoes = response.setEncoding("utf8")[Symbol.asyncIterator]();
    assert.equal((await echoes.next()).value, "ping");
    request.write("pong");
    assert.equal((await echoes.next()).value, "pong");
    request.end();
    assert.equal((await echoes.next()).done, true);
  });

  it("may end before the request: the client still reads it, and its connection can be used again", async (t) => {
    const { port } = await edgeFor(t, (req, res) => {
      if (req.method === "POST") res.writeHead(413).end("too large");
      else res.end("next");
    });
    const socket = await rawSocket(t, port);
    const body = Buffer.alloc(4 * MIB, 0x61);
    socket.write(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
    socket.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const text = await untilEnd(socket);
    assert.match(text, /^HTTP\/1\.1 413 [\s\S]*too large/);
    assert.match(text, /HTTP\/1\.1 200 [\s\S]*next/);
  });

  it("is not read faster than the client takes it, and arrives whole all the same", async (t) => {
    let sent = 0;
    const total = 512 * MIB;
    const { port } = await edgeFor(t, (_req, res) => {
      const source = Readable.from(bytes(total)).on("data", (chunk) => {
        sent += chunk.length;
      });
      pipeline(source, res).catch(() => {});
    });
    const request = httpRequest({ host: "127.0.0.1", port, agent: false }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    await stalled(() => sent);
    assert.ok(sent < 64 * MIB, `${sent} bytes were taken though nobody read them`);
    const counter = new Counter();
    await pipeline(response, counter);
    assert.equal(counter.count, total);
  });

  it("breaks off at the client when the backend breaks off, with a length, chunked, or neither", async (t) => {
    const broken = (head: string) => `HTTP/1.1 200 OK\r\n${head}\r\n\r\n`;
    const answers: Record<string, string> = {
      "/length": `${broken("Content-Length: 100")}part`,
      "/chunked": `${broken("Transfer-Encoding: chunked")}4\r\npart\r\n`,
      "/chunked-close": `${broken("Transfer-Encoding: chunked\r\nConnection: close")}4\r\npart\r\n`,
    };
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (data) => socket.end(answers[/ (\S+) /.exec(String(data))?.[1] ?? ""] ?? ""));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    t.after(() => server.close());
    const { port } = await edge(t, tableOf({ api: { stable: addressOf(server), prefix: "/" } }));
    for (const path of Object.keys(answers)) {
      await assert.rejects(send(port, { path }), { code: "ECONNRESET" }, path);
      // An HTTP/1.0 client takes the close for the end of the body, so it must see more than a close.
      const socket = await rawSocket(t, port);
      const failed = once(socket, "error");
      socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
      socket.resume();
      const [error] = await failed;
      assert.equal(error.code, "ECONNRESET", path);
    }
  });

  it("is complete for an HTTP/1.0 client and for a backend that ends its body by closing", async (t) => {
    const server = createServer((socket) => {
      socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\r\nold"));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    t.after(() => server.close());
    const { port } = await edge(t, tableOf({ api: { stable: addressOf(server), prefix: "/" } }));
    assert.equal((await send(port)).body, "old");
    const socket = await rawSocket(t, port);
    socket.write("GET / HTTP/1.0\r\n\r\n");
    const text = await untilEnd(socket);
    assert.match(text, /\r\n\r\nold$/);
    assert.doesNotMatch(text, /chunked/i);
  });
});

describe("a body of 1 GiB", () => {
  const GIB = 1024 * MIB;
  const LIMIT = 200 * MIB;

  it("goes up in constant memory", async (t) => {
    const counter = new Counter();
    const { port } = await edgeFor(t, async (req, res) => {
      await pipeline(req, counter);
      res.end(String(counter.count));
    });
    const request = httpRequest({ host: "127.0.0.1", port, method: "PUT", agent: false });
    const before = process.memoryUsage.rss();
    const answered = once(request, "response") as Promise<[IncomingMessage]>;
    await pipeline(bytes(GIB), request);
    const [response] = await answered;
    assert.equal((await read(response)).body, String(GIB));
    assert.ok(counter.peak - before < LIMIT, `memory grew by ${counter.peak - before} bytes`);
  });

  it("comes down in constant memory", async (t) => {
    const { port } = await edgeFor(t, (_req, res) => void pipeline(bytes(GIB), res));
    const request = httpRequest({ host: "127.0.0.1", port, agent: false }).end();
    const before = process.memoryUsage.rss();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const counter = new Counter();
    await pipeline(response, counter);
    assert.equal(counter.count, GIB);
    assert.ok(counter.peak - before < LIMIT, `memory grew by ${counter.peak - before} bytes`);
  });
});
