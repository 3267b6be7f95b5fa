import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PerchError } from "@perch/core";
import fc from "fast-check";
import { readTryRequest } from "../../../src/status/try/read.ts";

const HOSTS = ["localhost", "api.dev.example.com"];

function codeOf(json: unknown): string {
  try {
    readTryRequest(json, HOSTS);
    return "taken";
  } catch (error) {
    assert.ok(error instanceof PerchError);
    return error.code;
  }
}

describe("what is to be tried", () => {
  it("is taken as it is when all of it may be sent", () => {
    const what = {
      method: "POST",
      path: "/a?b=c",
      host: "pr-7.localhost",
      selector: "api=7,store=45",
      body: "{}",
    };
    assert.deepEqual(readTryRequest(what, HOSTS), what);
    assert.deepEqual(readTryRequest({ path: "/" }, HOSTS), { method: "GET", path: "/" });
  });

  it("is refused for a host that is not the edge's", () => {
    for (const host of [
      "evil.example",
      "localhost.evil.example",
      "localhost:22",
      "127.0.0.1",
      "x.localhost",
      "pr-0.localhost",
      "",
    ])
      assert.equal(codeOf({ path: "/", host }), "USAGE", host);
    for (const host of ["LOCALHOST", "api.dev.example.com", "store-pr-45.api.dev.example.com"])
      assert.equal(codeOf({ path: "/", host }), "taken", host);
  });

  it("is refused for an invalid selector, which the answer does not repeat", () => {
    for (const selector of ["0", "api=7,", "api=7,api=8", "", "7 7", "7\r\nX-Evil: 1"]) {
      assert.equal(codeOf({ path: "/", selector }), "INVALID_SELECTOR", selector);
    }
    assert.throws(
      () => readTryRequest({ path: "/", selector: "<script>" }, HOSTS),
      (error: Error) => !error.message.includes("script"),
    );
  });

  it("is refused for other methods, paths, bodies and members", () => {
    for (const json of [
      { path: "/", method: "DELETE" },
      { path: "/", method: "CONNECT" },
      { path: "http://evil.example/" },
      { path: "" },
      { path: "/a b" },
      { path: "/\r\nX-Evil: 1" },
      { path: `/${"a".repeat(5_000)}` },
      {},
      { path: "/", body: "x" },
      { path: "/", method: "POST", body: "x".repeat(64 * 1024 + 1) },
      { path: "/", method: "POST", body: 1 },
      { path: "/", method: "POST", body: "x", contentType: "text/plain\r\nX-Evil: 1" },
      { path: "/", headers: { host: "evil.example" } },
      [],
      null,
      "x",
    ]) {
      assert.equal(codeOf(json), "USAGE", JSON.stringify(json)?.slice(0, 80));
    }
  });

  it("never fails in another way, whatever the JSON", () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void codeOf(json)));
  });
});
