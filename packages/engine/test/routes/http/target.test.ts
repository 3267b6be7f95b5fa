import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readTarget } from "../../../src/routes/http/target.ts";

describe("readTarget", () => {
  it("splits the query from a path", () => {
    assert.deepEqual(readTarget("/a/b?c=/d?e", "h:1"), { url: "/a/b?c=/d?e", path: "/a/b", host: "h:1" });
  });

  it("takes path and authority from the absolute form, whatever Host says", () => {
    const expected = { url: "/a?b", path: "/a", host: "pr-1.localhost:8080" };
    assert.deepEqual(readTarget("http://pr-1.localhost:8080/a?b", "other"), expected);
  });

  it("adds the path that an absolute form may leave out", () => {
    assert.equal(readTarget("HTTP://h", undefined)?.url, "/");
    assert.equal(readTarget("http://h?q", undefined)?.url, "/?q");
  });

  it("refuses what is neither a path nor an http address", () => {
    for (const target of [
      "*",
      "",
      "a/b",
      "ftp://h/",
      "http:///a",
      "http://user@h/",
      "/a b",
      "/\u0000",
      "h:80",
    ]) {
      assert.equal(readTarget(target, "h"), undefined, target);
    }
  });

  it("never throws, and what it accepts starts with a slash and keeps every byte of a path", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const target = readTarget(text, undefined);
        assert.ok(target === undefined || target.url.startsWith("/"));
        if (target !== undefined && text.startsWith("/")) assert.equal(target.url, text);
      }),
    );
  });
});
