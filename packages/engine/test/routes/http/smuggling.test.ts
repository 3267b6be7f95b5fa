import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import fc from "fast-check";
import { addressOf, edge, rawSocket, tableOf, untilEnd } from "./harness.ts";
import { CORPUS, SMUGGLED } from "./smuggling-corpus.ts";

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

/**
 * Sends bytes to an edge, and returns all that it answers and what its backend got to see.
 * @param patience milliseconds until the first byte of an answer; some bytes get none.
 */
async function tapped(t: TestContext, patience = QUIET) {
  const { address, taps } = await wireTap(t);
  const { port } = await edge(t, tableOf({ api: { stable: address, prefix: "/" } }));
  return async (bytes: string): Promise<{ answer: string; seen: readonly string[] }> => {
    taps.length = 0;
    const socket = await rawSocket(t, port);
    // Node drops what comes at once with an upgrade that is not made: only an end is sure to be the last word.
    socket.once("data", () => {
      socket.setTimeout(QUIET);
      socket.end(NONSENSE);
    });
    // And some bytes announce more than comes.
    socket.setTimeout(patience, () => socket.destroy());
    socket.write(bytes, "latin1");
    const answer = await untilEnd(socket).catch(() => "");
    return { answer, seen: taps.map((tap) => tap.bytes) };
  };
}

describe("a request that parsers may read in two ways", () => {
  for (const [what, bytes] of Object.entries(CORPUS)) {
    it(`goes on with one meaning, or not at all: ${what}`, async (t) => {
      const { answer, seen } = await (await tapped(t, 60_000))(bytes);
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
