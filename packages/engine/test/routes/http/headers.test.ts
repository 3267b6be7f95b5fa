import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  readRequestLines,
  requestHeaders,
  responseHeaders,
  trailerFields,
} from "../../../src/routes/http/headers.ts";

const asIs = { connection: undefined, host: undefined, selector: undefined };

const HOP_BY_HOP = [
  "Connection",
  "Keep-Alive",
  "Proxy-Connection",
  "Proxy-Authorization",
  "TE",
  "Transfer-Encoding",
  "Upgrade",
];
const END_TO_END = [
  "Accept",
  "Cookie",
  "Set-Cookie",
  "X-A",
  "x-a",
  "X-B",
  "ETag",
  "__proto__",
  "constructor",
];

const anyCase = (name: string) => fc.constantFrom(name, name.toLowerCase(), name.toUpperCase());
const value = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,10}[\x21-\x7e])?$/);
const line = (names: string[]) => fc.tuple(fc.constantFrom(...names).chain(anyCase), value);

type Line = readonly [string, string];
const flat = (lines: readonly Line[]) => lines.flat();
const pairs = (raw: readonly string[]): Line[] =>
  raw.flatMap((name, i): Line[] => (i % 2 === 0 ? [[name, raw[i + 1] ?? ""]] : []));

describe("requestHeaders", () => {
  it("passes every end-to-end line in order and with its duplicates, and no hop-by-hop line", () => {
    fc.assert(
      fc.property(fc.array(line([...HOP_BY_HOP, ...END_TO_END])), (lines) => {
        const hop = new Set(HOP_BY_HOP.map((name) => name.toLowerCase()));
        const kept = lines.filter(([name]) => !hop.has(name.toLowerCase()));
        const passed = pairs(requestHeaders(flat(lines), asIs)).filter(([name]) => name !== "TE");
        assert.deepEqual(passed, kept);
      }),
    );
  });

  it("removes what Connection names, in any case and with any white space", () => {
    fc.assert(
      fc.property(fc.array(line(END_TO_END)), fc.subarray(END_TO_END), (lines, named) => {
        const connection = ["close", ...named].join(" ,\t").toUpperCase();
        const gone = new Set(named.map((name) => name.toLowerCase()));
        const passed = pairs(requestHeaders(flat(lines), { ...asIs, connection }));
        assert.deepEqual(
          passed,
          lines.filter(([name]) => !gone.has(name.toLowerCase())),
        );
      }),
    );
  });

  it("keeps framing and address even when Connection names them", () => {
    const rewrite = { ...asIs, connection: "content-length, host", host: "h" };
    assert.deepEqual(requestHeaders(["Content-Length", "5", "Host", "h"], rewrite), [
      "Host",
      "h",
      "Content-Length",
      "5",
    ]);
  });

  it("keeps of TE only that trailers are welcome", () => {
    assert.deepEqual(requestHeaders(["te", "gzip;q=0.5, Trailers"], asIs), ["TE", "trailers"]);
    assert.deepEqual(requestHeaders(["TE", "gzip, x-trailers"], asIs), []);
  });

  it("replaces what the client says about itself by what the edge knows", () => {
    const sent = [
      "X-Forwarded-For",
      "1.2.3.4",
      "x-forwarded-port",
      "1",
      "Forwarded",
      "for=x",
      "X-Real-IP",
      "1.2.3.4",
    ];
    const forwarded = { peer: "127.0.0.1", host: "h:8080", scheme: "https", trusted: false } as const;
    assert.deepEqual(pairs(requestHeaders(sent, { ...asIs, forwarded })), [
      ["X-Forwarded-For", "127.0.0.1"],
      ["X-Forwarded-Proto", "https"],
      ["X-Forwarded-Host", "h:8080"],
      ["Via", "1.1 perch"],
    ]);
    assert.deepEqual(requestHeaders(sent, asIs), sent);
  });

  it("drops what a backend that takes `_` for `-` would read in place of what the edge says", () => {
    const from = { peer: "10.0.0.1", host: undefined, scheme: "http" } as const;
    const forged = [
      "X_Forwarded_For",
      "6.6.6.6",
      "x-forwarded_Proto",
      "https",
      "X_Real_IP",
      "6.6.6.6",
      "X_CANARY",
      "8",
    ];
    for (const trusted of [false, true]) {
      assert.deepEqual(
        pairs(
          requestHeaders([...forged, "X_Other", "1"], {
            ...asIs,
            selector: "7",
            forwarded: { ...from, trusted },
          }),
        ),
        [
          ["X_Other", "1"],
          ["X-Canary", "7"],
          ["X-Forwarded-For", "10.0.0.1"],
          ["X-Forwarded-Proto", "http"],
          ["Via", "1.1 perch"],
        ],
      );
    }
    assert.deepEqual(requestHeaders(forged, asIs), forged);
  });

  it("keeps what a trusted proxy says of the client, adds the proxy to the chain, and says what it did not", () => {
    const forwarded = { peer: "10.0.0.1", host: "h", scheme: "http", trusted: true } as const;
    const sent = ["X-Forwarded-For", "1.2.3.4", "x-forwarded-for", "10.0.0.9", "X-Forwarded-Proto", "https"];
    assert.deepEqual(pairs(requestHeaders([...sent, "X-Real-IP", "1.2.3.4"], { ...asIs, forwarded })), [
      ["X-Forwarded-Proto", "https"],
      ["X-Real-IP", "1.2.3.4"],
      ["X-Forwarded-For", "1.2.3.4,10.0.0.9, 10.0.0.1"],
      ["X-Forwarded-Host", "h"],
      ["Via", "1.1 perch"],
    ]);
    assert.deepEqual(pairs(requestHeaders([], { ...asIs, forwarded })), [
      ["X-Forwarded-For", "10.0.0.1"],
      ["X-Forwarded-Proto", "http"],
      ["X-Forwarded-Host", "h"],
      ["Via", "1.1 perch"],
    ]);
  });

  it("forwards the selector as it came, valid or not", () => {
    const sent = ["x-canary", "7", "X-CANARY", "no, such"];
    assert.deepEqual(requestHeaders(sent, asIs), sent);
  });

  it("replaces every selector line by a share link's", () => {
    const sent = ["x-canary", "7", "A", "b", "X-CANARY", "8"];
    assert.deepEqual(requestHeaders(sent, { ...asIs, selector: "45" }), ["A", "b", "X-Canary", "45"]);
  });

  it("does not pass on Expect, which is answered here, nor announce trailers, which cannot follow", () => {
    assert.deepEqual(requestHeaders(["Expect", "100-continue", "Trailer", "X-Sum"], asIs), []);
  });
});

describe("responseHeaders", () => {
  it("passes end-to-end lines as they came, as text or bytes, and no hop-by-hop line", () => {
    fc.assert(
      fc.property(fc.array(line([...HOP_BY_HOP, ...END_TO_END])), fc.boolean(), (lines, bytes) => {
        const hop = new Set(HOP_BY_HOP.map((name) => name.toLowerCase()));
        const named = lines
          .filter(([name]) => name.toLowerCase() === "connection")
          .flatMap(([, options]) => options.split(",").map((option) => option.trim().toLowerCase()));
        const raw = bytes ? flat(lines).map((text) => Buffer.from(text, "latin1")) : flat(lines);
        const gone = (name: string) => hop.has(name.toLowerCase()) || named.includes(name.toLowerCase());
        const kept = lines.filter(([name]) => !gone(name));
        assert.deepEqual(pairs(responseHeaders(raw, "streamed")), [...kept, ["Vary", "X-Canary"]]);
      }),
    );
  });

  it("keeps bytes over 0x7f as they are", () => {
    const raw = [Buffer.from("X-A"), Buffer.from([0x63, 0xe9])];
    assert.equal(responseHeaders(raw, "plain")[1], "c\u00e9");
  });

  it("says Vary: X-Canary exactly once, next to what the backend says", () => {
    const varied = (...values: string[]) =>
      pairs(
        responseHeaders(
          values.flatMap((text) => ["Vary", text]),
          "plain",
        ),
      ).map(([, text]) => text);
    assert.deepEqual(varied(), ["X-Canary"]);
    assert.deepEqual(varied("Origin"), ["Origin, X-Canary"]);
    assert.deepEqual(varied("Origin", "Accept"), ["Origin", "Accept, X-Canary"]);
    assert.deepEqual(varied(""), ["X-Canary"]);
    assert.deepEqual(varied("x-canary , Origin"), ["x-canary , Origin"]);
    assert.deepEqual(varied("X-Canary", "Accept"), ["X-Canary", "Accept"]);
    assert.deepEqual(varied("*"), ["*"]);
    assert.deepEqual(varied("X-Canary-Trail"), ["X-Canary-Trail, X-Canary"]);
  });

  it("announces trailers only where they can follow", () => {
    const announced = (raw: string[], body: "streamed" | "plain") =>
      responseHeaders(raw, body).includes("Trailer");
    assert.equal(announced(["Trailer", "X-Sum"], "streamed"), true);
    assert.equal(announced(["Trailer", "X-Sum"], "plain"), false);
    assert.equal(announced(["Trailer", "X-Sum", "content-length", "3"], "streamed"), false);
  });

  it("gives no length to an answer that may have none", () => {
    assert.deepEqual(responseHeaders(["Content-Length", "0"], "none"), ["Vary", "X-Canary"]);
  });
});

describe("trailerFields", () => {
  it("drops fields that would frame or address the message", () => {
    const raw = [
      "X-Sum",
      "1",
      "Transfer-Encoding",
      "chunked",
      "content-length",
      "3",
      "Host",
      "h",
      "Connection",
      "x",
    ];
    assert.deepEqual(trailerFields(raw), [["X-Sum", "1"]]);
  });
});

describe("readRequestLines", () => {
  it("finds every selector line in order and counts Host lines", () => {
    const raw = ["HOST", "a", "x-canary", "1", "X-Canary-Echo", "9", "Host", "b", "X-CANARY", "2"];
    assert.deepEqual(readRequestLines(raw), { selectorLines: ["1", "2"], hostLines: 2 });
    assert.deepEqual(readRequestLines(["Accept", "*/*"]), { selectorLines: [], hostLines: 0 });
  });
});
