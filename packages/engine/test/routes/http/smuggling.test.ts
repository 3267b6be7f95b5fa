import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import fc from "fast-check";
import { addressOf, edge, rawSocket, tableOf, untilEnd } from "./harness.ts";

// What counts is what a backend gets to see: whatever bytes a client sends, each request that goes on must have one meaning
// only, so that no backend reads another request out of it than the edge routed (RFC 9112, section 11.2).

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Why bytes are not one request, or the beginning of one, that every parser reads alike; undefined: they are. */
function flaw(bytes: string): string | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return "no whole head";
  const [requestLine = "", ...lines] = bytes.slice(0, end).split("\r\n");
  if (!/^[A-Z]+ \/[\x21-\x7e]* HTTP\/1\.1$/.test(requestLine))
    return `request line ${JSON.stringify(requestLine)}`;
  const framing: string[] = [];
  let hosts = 0;
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    if (!TOKEN.test(name) || /[\r\n\0]/.test(line)) return `header line ${JSON.stringify(line)}`;
    if (/^(?:content-length|transfer-encoding)$/i.test(name)) framing.push(line);
    if (/^host$/i.test(name)) hosts++;
  }
  if (hosts > 1) return "several Hosts";
  if (framing.length > 1) return `framed by ${framing.join(" and ")}`;
  return bodyFlaw(framing[0] ?? "Content-Length: 0", bytes.slice(end + 4));
}

function bodyFlaw(framing: string, body: string): string | undefined {
  const length = /^content-length: (\d+)$/i.exec(framing)?.[1];
  if (length !== undefined) return body.length <= Number(length) ? undefined : "more than its length";
  if (!/^transfer-encoding: chunked$/i.test(framing)) return framing;
  return /^(?:[0-9a-f]+\r\n|$)/i.test(body) ? undefined : `chunk ${JSON.stringify(body.slice(0, 20))}`;
}

function isWhole(bytes: string): boolean {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const body = bytes.slice(end + 4);
  if (/\r\ntransfer-encoding:/i.test(bytes.slice(0, end))) return /(?:^|\r\n)0\r\n\r\n$/.test(body);
  return body.length >= Number(/\r\ncontent-length: (\d+)/i.exec(bytes.slice(0, end))?.[1] ?? 0);
}

/** The bytes of one connection. */
interface Tap {
  bytes: string;
}

/** A backend that keeps the bytes of each connection, and answers one request on each. */
async function wireTap(t: TestContext): Promise<{ address: string; taps: Tap[] }> {
  const taps: Tap[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const tap: Tap = { bytes: "" };
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      if (tap.bytes === "") taps.push(tap);
      tap.bytes += bytes.toString("latin1");
      if (isWhole(tap.bytes))
        socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { address: addressOf(server), taps };
}

/** Nothing that can be read as a request: the edge hangs up when it comes to it. */
const NONSENSE = "\r\n\r\n(\r\n\r\n";

/** Milliseconds without a byte after which nothing more will come. */
const QUIET = 200;

/** Sends bytes to an edge, and returns all that it answers and what its backend got to see. */
async function tapped(t: TestContext) {
  const { address, taps } = await wireTap(t);
  const { port } = await edge(t, tableOf({ api: { stable: address, prefix: "/" } }));
  return async (bytes: string): Promise<{ answer: string; seen: readonly string[] }> => {
    taps.length = 0;
    const socket = await rawSocket(t, port);
    // Node drops what comes at once with an upgrade that is not made: only an end is sure to be the last word.
    socket.once("data", () => socket.end(NONSENSE));
    // And some bytes announce more than comes.
    socket.setTimeout(QUIET, () => socket.destroy());
    socket.write(bytes, "latin1");
    const answer = await untilEnd(socket).catch(() => "");
    return { answer, seen: taps.map((tap) => tap.bytes) };
  };
}

const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
const post = (headers: string, body = `0\r\n\r\n${SMUGGLED}`) =>
  `POST / HTTP/1.1\r\nHost: h\r\n${headers}\r\n\r\n${body}`;

/** Known ways to make two parsers disagree, by what they abuse. */
const CORPUS: Readonly<Record<string, string>> = {
  "both framings": post("Content-Length: 6\r\nTransfer-Encoding: chunked"),
  "both framings, the other way round": post("Transfer-Encoding: chunked\r\nContent-Length: 6"),
  "two lengths": post("Content-Length: 5\r\nContent-Length: 6"),
  "two equal lengths": post("Content-Length: 5\r\nContent-Length: 5"),
  "a list of lengths": post("Content-Length: 5, 5"),
  "a length with a sign": post("Content-Length: +5"),
  "a negative length": post("Content-Length: -1"),
  "a hexadecimal length": post("Content-Length: 0x5"),
  "a length with an underscore": post("Content-Length: 1_0"),
  "a length past 64 bits": post("Content-Length: 18446744073709551621"),
  "an empty length": post("Content-Length: "),
  "a space before the colon": post("Transfer-Encoding : chunked\r\nContent-Length: 5"),
  "a tab before the colon": post("Content-Length\t: 5"),
  "a folded encoding": post("Transfer-Encoding:\r\n chunked\r\nContent-Length: 5"),
  "a folded line before it": post("X-A: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 5"),
  "an encoding that is not the last": post("Transfer-Encoding: chunked, identity"),
  "chunked twice": post("Transfer-Encoding: chunked, chunked"),
  "two encodings": post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"),
  "an unknown encoding": post("Transfer-Encoding: xchunked\r\nContent-Length: 5"),
  "a quoted encoding": post('Transfer-Encoding: "chunked"\r\nContent-Length: 5'),
  "an encoding with a vertical tab": post("Transfer-Encoding: \x0bchunked\r\nContent-Length: 5"),
  "an encoding with a NUL": post("Transfer-Encoding: chunked\0\r\nContent-Length: 5"),
  "a name with a NUL": post("Transfer-Encoding\0: chunked\r\nContent-Length: 5"),
  "an encoding of upper case": post("TRANSFER-ENCODING: CHUNKED\r\nContent-Length: 5"),
  "a bare line feed": `POST / HTTP/1.1\nHost: h\nContent-Length: 5\n\n12345${SMUGGLED}`,
  "a bare carriage return in a value": post("X-A: a\rTransfer-Encoding: chunked\r\nContent-Length: 5"),
  "a bare line feed in a value": post("X-A: a\nTransfer-Encoding: chunked\r\nContent-Length: 5"),
  "a chunk size with a sign": post("Transfer-Encoding: chunked", `+5\r\n12345\r\n0\r\n\r\n${SMUGGLED}`),
  "a chunk size past 64 bits": post("Transfer-Encoding: chunked", `ffffffffffffffff1\r\n${SMUGGLED}`),
  "a chunk size with 0x": post("Transfer-Encoding: chunked", `0x5\r\n12345\r\n0\r\n\r\n${SMUGGLED}`),
  "a chunk that ends in a bare line feed": post(
    "Transfer-Encoding: chunked",
    `5\r\n12345\n0\r\n\r\n${SMUGGLED}`,
  ),
  "a chunk extension with a line feed": post(
    "Transfer-Encoding: chunked",
    `5;a\nb\r\n12345\r\n0\r\n\r\n${SMUGGLED}`,
  ),
  "a chunk longer than its size": post("Transfer-Encoding: chunked", `3\r\n12345\r\n0\r\n\r\n${SMUGGLED}`),
  "framing in trailers": post("Transfer-Encoding: chunked", `0\r\nContent-Length: 50\r\n\r\n${SMUGGLED}`),
  "framing that Connection names": post(
    "Connection: content-length, transfer-encoding\r\nContent-Length: 5",
    `12345${SMUGGLED}`,
  ),
  "a Host that Connection names": `GET / HTTP/1.1\r\nHost: h\r\nConnection: host\r\n\r\n${SMUGGLED}`,
  "HTTP/1.0 with chunks": `POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  "HTTP/0.9": `GET /\r\n${SMUGGLED}`,
  "HTTP/1.1 in two words": `GET /a b HTTP/1.1\r\nHost: h\r\n\r\n${SMUGGLED}`,
  "a target with a line in it": "GET /%0d%0aX-A:%20b HTTP/1.1\r\nHost: h\r\n\r\n",
  "two Hosts": "GET / HTTP/1.1\r\nHost: h\r\nHost: other\r\n\r\n",
  "a Host with a space": "GET / HTTP/1.1\r\nHost: h other\r\n\r\n",
  "an absolute target of another host": "GET http://other/ HTTP/1.1\r\nHost: h\r\n\r\n",
  "an upgrade to h2c": post(
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 0",
    "",
  ),
  "the preface of HTTP/2": `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${SMUGGLED}`,
  "a body for an upgrade to WebSocket": `GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
};

describe("a request that parsers may read in two ways", () => {
  for (const [what, bytes] of Object.entries(CORPUS)) {
    it(`goes on with one meaning, or not at all: ${what}`, async (t) => {
      const { answer, seen } = await (await tapped(t))(bytes);
      assert.match(answer, /^HTTP\/1\.1 (?:200|4\d\d) /);
      for (const one of seen) assert.equal(flaw(one), undefined, JSON.stringify(one));
    });
  }

  it("is never one of those that any mixture of them makes", async (t) => {
    const send = await tapped(t);
    const line = fc.constantFrom(
      ...[
        "Content-Length: 5",
        "Content-Length: 0",
        "content-length:5",
        "Content-Length: 5 ",
        "Content-Length: 05",
      ],
      ...[
        "Transfer-Encoding: chunked",
        "transfer-encoding:chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding:",
      ],
      ...[
        "Connection: close",
        "Connection: content-length",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Expect: 100-continue",
      ],
      ...[
        "X-A: b",
        "X-A:\tb",
        " folded",
        "X A: b",
        ": b",
        "X-A",
        "Host: other",
        "TE: trailers",
        "Trailer: content-length",
      ],
    );
    const body = fc.constantFrom(
      "",
      "12345",
      "5\r\n12345\r\n",
      "0\r\n\r\n",
      "0\r\nX-T: 1\r\n\r\n",
      SMUGGLED,
      "\r\n",
      "zz\r\n",
    );
    const request = fc
      .tuple(
        fc.constantFrom("GET", "POST", "DELETE", "HEAD"),
        fc.constantFrom("HTTP/1.1", "HTTP/1.0"),
        fc.array(line, { maxLength: 5 }),
        fc.array(body, { maxLength: 3 }),
      )
      .map(([method, version, lines, bodies]) => {
        const head = [`${method} / ${version}`, "Host: h", ...lines].join("\r\n");
        return `${head}\r\n\r\n${bodies.join("")}`;
      });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 3 }), async (requests) => {
        const { seen } = await send(requests.join("") + NONSENSE);
        for (const one of seen) assert.equal(flaw(one), undefined, JSON.stringify(one));
      }),
      { numRuns: 200 },
    );
  });
});
