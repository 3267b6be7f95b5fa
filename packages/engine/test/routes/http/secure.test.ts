import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type ClientHttp2Session, constants } from "node:http2";
import { request as secureRequest } from "node:https";
import { connect as tcpConnect } from "node:net";
import { describe, it } from "node:test";
import { connect as tlsConnect } from "node:tls";
import { WebSocket, WebSocketServer } from "ws";
import { certificateFor, type TestCertificate } from "../../support/certificate.ts";
import { ATTACKS, attack, PAGE, PREFACE } from "../http2-attacks.ts";
import { type Answer, backend, bodyOf, read, tableOf, untilEnd } from "./harness.ts";
import { NAMES, secureEdge, secureEdgeFor, session, stubbornClient } from "./secure-harness.ts";

interface Http2Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly trailers: Record<string, string | string[] | undefined>;
  readonly body: string;
  readonly rstCode: number;
  /** Statuses of interim answers. */
  readonly interim: readonly number[];
}

/** Sends header lines, pseudo-headers among them, and reads the whole answer. */
async function ask(
  client: ClientHttp2Session,
  lines: readonly string[] = [],
  body?: string,
): Promise<Http2Answer> {
  const all = [...(lines.includes(":path") ? [] : [":path", "/"]), ...lines];
  const pseudo = [":method", "GET", ":scheme", "https", ":authority", "localhost"];
  const missing: string[] = [];
  for (let i = 0; i < pseudo.length; i += 2)
    if (!all.includes(pseudo[i] ?? "")) missing.push(pseudo[i] ?? "", pseudo[i + 1] ?? "");
  const stream = client.request([...missing, ...all], { endStream: body === undefined });
  stream.on("error", () => {});
  let headers: Http2Answer["headers"] = {};
  let trailers: Http2Answer["trailers"] = {};
  const interim: number[] = [];
  stream.on("headers", (received: Record<string, unknown>) => interim.push(Number(received[":status"])));
  stream.once("response", (received) => {
    headers = received;
  });
  stream.once("trailers", (received: Http2Answer["trailers"]) => {
    trailers = received;
  });
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (body !== undefined) stream.end(body);
  await new Promise((resolve) => stream.once("close", resolve));
  const { rstCode } = stream;
  const status = Number(headers[":status"] ?? 0);
  return { status, headers, trailers, body: Buffer.concat(chunks).toString(), rstCode, interim };
}

/** One request over HTTP/1.1 and TLS. */
async function askHttp1(port: number, ca: string, headers: Record<string, string> = {}): Promise<Answer> {
  const sent = secureRequest({ host: "localhost", port, ca, headers, agent: false }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return read(response);
}

describe("TLS at the edge", () => {
  it("is HTTP/2 to clients that ask for it and HTTP/1.1 to all others, routed alike", async (t) => {
    const says = (name: string) =>
      backend(t, (req, res) => res.end(`${name} ${req.httpVersion} ${req.headers["x-canary"] ?? "-"}`));
    const [stable, canary] = await Promise.all([says("stable"), says("canary")]);
    const canaries = { 7: { address: canary.address }, 8: { state: "building" } };
    const table = tableOf({ api: { stable: stable.address, canaries, prefix: "/" } });
    const { port, ca } = await secureEdge(t, table);
    const client = await session(t, port, ca);
    assert.equal(client.alpnProtocol, "h2");
    assert.equal((await ask(client)).body, "stable 1.1 -");
    assert.equal((await ask(client, ["x-canary", "7"])).body, "canary 1.1 7");
    assert.equal((await ask(client, ["x-canary", "7", "x-canary", "9"])).body, "stable 1.1 7, 9");
    assert.equal((await ask(client, [":authority", `pr-7.localhost:${port}`])).body, "canary 1.1 7");
    const unready = await ask(client, ["x-canary", "8"]);
    assert.deepEqual([unready.status, JSON.parse(unready.body).code], [503, "NOT_READY"]);
    assert.equal((await askHttp1(port, ca)).body, "stable 1.1 -");
    assert.equal((await askHttp1(port, ca, { "X-Canary": "7" })).body, "canary 1.1 7");
  });

  it("tells backends that the client used https, and one cookie line", async (t) => {
    const { port, ca } = await secureEdgeFor(t, (req, res) => res.end(JSON.stringify(req.rawHeaders)));
    const client = await session(t, port, ca);
    const { body } = await ask(client, [
      "cookie",
      "a=1",
      "te",
      "trailers",
      "cookie",
      "b=2",
      "x-forwarded-proto",
      "http",
    ]);
    assert.deepEqual(JSON.parse(body), [
      ...["host", "localhost", "connection", "keep-alive", "cookie", "a=1; b=2", "TE", "trailers"],
      ...["X-Forwarded-For", "127.0.0.1", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "localhost"],
      ...["Via", "1.1 perch"],
    ]);
    const http1 = await askHttp1(port, ca);
    assert.match(http1.body, /"X-Forwarded-Proto","https"/);
  });

  it("carries bodies both ways, several cookies, interim answers and trailers over HTTP/2", async (t) => {
    const { port, ca } = await secureEdgeFor(t, async (req, res) => {
      res.writeEarlyHints({ link: "</a.css>; rel=preload" });
      res.writeHead(201, { "set-cookie": ["a=1", "b=2"], trailer: "x-sum" });
      res.write(await bodyOf(req));
      res.addTrailers({ "x-sum": "1" });
      res.end();
    });
    const client = await session(t, port, ca);
    const sent = "é".repeat(400_000);
    const answer = await ask(client, [":method", "POST"], sent);
    assert.deepEqual([answer.status, answer.headers["set-cookie"]], [201, ["a=1", "b=2"]]);
    assert.equal(answer.body, sent);
    assert.deepEqual([answer.interim, answer.trailers["x-sum"], answer.rstCode], [[103], "1", 0]);
  });

  it("answers HEAD, 204 and 304 without a body over HTTP/2", async (t) => {
    const { port, ca } = await secureEdgeFor(t, (req, res) => {
      const status = Number(req.headers["x-want"] ?? 200);
      if (status === 200) res.setHeader("content-length", 4);
      res.writeHead(status).end(status === 200 ? "body" : undefined);
    });
    const client = await session(t, port, ca);
    const head = await ask(client, [":method", "HEAD"]);
    assert.deepEqual([head.status, head.headers["content-length"], head.body], [200, "4", ""]);
    for (const want of ["204", "304"]) {
      const { status, body, rstCode } = await ask(client, ["x-want", want]);
      assert.deepEqual([status, body, rstCode], [Number(want), "", 0]);
    }
  });

  it("answers 502 over HTTP/2 for a status that is none, with nothing of the backend's, and counts it once", async (t) => {
    const { address, server } = await backend(t, (_req, res) => res.end());
    server.removeAllListeners("connection");
    server.on("connection", (socket) => {
      socket.on("error", () => {});
      socket.once("data", () =>
        socket.end("HTTP/1.1 600 Odd\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"),
      );
    });
    const seen: boolean[] = [];
    const { port, ca } = await secureEdge(t, tableOf({ api: { stable: address, prefix: "/" } }), {
      observe: (_variant, _milliseconds, failed) => seen.push(failed),
    });
    const { status, headers, body } = await ask(await session(t, port, ca));
    assert.deepEqual([status, headers["set-cookie"], seen], [502, undefined, [true]]);
    assert.match(JSON.parse(body).detail, /status 600, which is none/);
  });

  it("asks a client of HTTP/2 that waits to continue", async (t) => {
    const { port, ca } = await secureEdgeFor(t, async (req, res) => res.end(await bodyOf(req)));
    const client = await session(t, port, ca);
    const lines = [":method", "POST", ":path", "/", ":scheme", "https", ":authority", "localhost"];
    const stream = client.request([...lines, "expect", "100-continue"], { endStream: false });
    await once(stream, "continue");
    stream.end("body");
    assert.equal(String(await once(stream, "data")), "body");
  });

  it("ends a request at the backend when its client of HTTP/2 resets it", async (t) => {
    const gone = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const { port, ca } = await secureEdgeFor(t, (_req, res) => {
      res.once("close", gone.resolve);
      res.write("begin");
      begun.resolve();
    });
    const client = await session(t, port, ca);
    const stream = client.request({ ":path": "/" });
    stream.on("error", () => {});
    await begun.promise;
    stream.close(constants.NGHTTP2_CANCEL);
    await gone.promise;
  });

  it("resets a stream whose backend died in the middle of the answer, and no other", async (t) => {
    const { port, ca } = await secureEdgeFor(t, (req, res) => {
      if (req.url === "/") return void res.end("whole");
      res.write("half");
      setImmediate(() => res.destroy());
    });
    const client = await session(t, port, ca);
    const [cut, whole] = await Promise.all([ask(client, [":path", "/dies"]), ask(client)]);
    assert.equal(cut.rstCode, constants.NGHTTP2_INTERNAL_ERROR);
    assert.deepEqual([whole.status, whole.body], [200, "whole"]);
  });

  it("answers early without waiting for the rest of an upload over HTTP/2", async (t) => {
    const { port, ca } = await secureEdgeFor(t, (_req, res) => res.writeHead(413).end("no"));
    const client = await session(t, port, ca);
    const stream = client.request({ ":path": "/", ":method": "POST" }, { endStream: false });
    stream.on("error", () => {});
    stream.write(Buffer.alloc(10_000));
    const [headers] = await once(stream, "response");
    assert.equal(headers[":status"], 413);
    stream.resume();
    await once(stream, "close");
    assert.equal((await ask(client)).status, 413);
  });

  it("refuses CONNECT and a Host that contradicts the authority over HTTP/2", async (t) => {
    const { port, ca } = await secureEdgeFor(t, (_req, res) => res.end("stable"));
    const client = await session(t, port, ca);
    const connecting = client.request({ ":method": "CONNECT", ":authority": "example.com:443" });
    connecting.on("error", () => {});
    const [headers] = await once(connecting, "response");
    assert.equal(headers[":status"], 405);
    assert.equal((await ask(client, ["host", "other"])).status, 400);
    assert.equal((await ask(client, ["host", "LOCALHOST"])).status, 200);
  });

  it("carries WebSockets", async (t) => {
    const { port, ca, server } = await secureEdgeFor(t, (_req, res) => res.end());
    const sockets = new WebSocketServer({ server });
    sockets.on("connection", (socket, req) => socket.send(`${req.url} ${req.headers["x-forwarded-proto"]}`));
    const socket = new WebSocket(`wss://localhost:${port}/ws`, { ca });
    t.after(() => socket.terminate());
    const [data] = await once(socket, "message");
    assert.equal(String(data), "/ws https");
  });

  it("shows a renewed certificate to new connections, and old ones go on", async (t) => {
    const { port, ca, certificate, write } = await secureEdgeFor(t, (_req, res) => res.end("stable"));
    const client = await session(t, port, ca);
    const renewed: TestCertificate = await certificateFor(NAMES);
    const changed = Promise.withResolvers<void>();
    certificate.onChange(() => changed.resolve());
    await write(renewed);
    await changed.promise;
    assert.equal((await askHttp1(port, renewed.cert)).body, "stable");
    await assert.rejects(askHttp1(port, ca));
    assert.equal((await ask(client)).body, "stable");
  });

  it("refuses TLS before 1.2", async (t) => {
    const { port, ca } = await secureEdgeFor(t, (_req, res) => res.end());
    const socket = tlsConnect({ port, host: "localhost", ca, maxVersion: "TLSv1.1", minVersion: "TLSv1" });
    await once(socket, "error").then(
      () => {},
      () => {},
    );
    assert.equal(socket.authorized, false);
  });

  it("hangs up on what is no TLS, and serves all others", async (t) => {
    const { port, ca } = await secureEdgeFor(t, (_req, res) => res.end("stable"));
    const socket = tcpConnect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert.doesNotMatch(await untilEnd(socket).catch(() => ""), /200|stable/);
    assert.equal((await askHttp1(port, ca)).body, "stable");
  });

  it("lets requests of HTTP/2 end when it closes, takes no new ones, and ends the connection", async (t) => {
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const { port, ca, router } = await secureEdgeFor(t, async (_req, res) => {
      arrived.resolve();
      await answer.promise;
      res.end("whole");
    });
    const client = await session(t, port, ca);
    const asked = ask(client);
    await arrived.promise;
    const goaway = once(client, "goaway");
    const closed = router.close(10_000);
    await goaway;
    await assert.rejects(session(t, port, ca));
    answer.resolve();
    assert.equal((await asked).body, "whole");
    await closed;
  });

  it("cuts what is left when the grace is over", async (t) => {
    const arrived = Promise.withResolvers<void>();
    const { port, ca, router } = await secureEdgeFor(t, () => arrived.resolve());
    const asked = ask(await session(t, port, ca));
    const handshaking = tcpConnect(port, "127.0.0.1");
    handshaking.on("error", () => {});
    await Promise.all([arrived.promise, once(handshaking, "connect")]);
    await router.close(0);
    assert.equal((await asked).status, 0);
  });

  it("does not wait for a client of HTTP/2 that never hangs up", { timeout: 20_000 }, async (t) => {
    const { port, ca, router } = await secureEdgeFor(t, (_req, res) => res.end());
    await stubbornClient(t, port, ca, PREFACE);
    await router.close(50);
  });
});

describe("a hostile client of HTTP/2", () => {
  for (const [what, how] of Object.entries(ATTACKS)) {
    const fate = how.refused ? "is refused" : "loses its connection";
    it(`${fate}, and nobody else notices: ${what}`, async (t) => {
      let bombs = 0;
      const { port, ca } = await secureEdgeFor(t, (req, res) => {
        if (req.headers["x-bomb"] !== undefined) bombs++;
        req.resume().once("end", () => res.end("stable"));
      });
      const client = await session(t, port, ca);
      const socket = tlsConnect({ port, host: "localhost", ca, ALPNProtocols: ["h2"] });
      t.after(() => socket.destroy());
      await once(socket, "secureConnect");
      const closed = new Promise((resolve) => socket.once("close", resolve));
      const attacked = attack(socket, how, PAGE);
      assert.equal((await ask(client)).body, "stable");
      await attacked;
      if (!how.refused) await closed;
      assert.equal((await ask(client)).body, "stable");
      assert.equal(bombs, 0);
    });
  }
});
