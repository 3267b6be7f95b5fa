import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isOnTarget, parseTarget } from "../../src/options/target.ts";
import { startsOf } from "../../src/rules/plan.ts";

const targetOf = (text: string) => {
  const parsed = parseTarget(text);
  return parsed.ok ? parsed.target : undefined;
};

describe("parseTarget", () => {
  it("takes hosts, hosts with ports, and addresses on them", () => {
    const claims: [typed: string, target: string][] = [
      ["api.dev.example.com", "api.dev.example.com"],
      ["  API.Dev.Example.com ", "api.dev.example.com"],
      ["localhost:8080", "localhost:8080"],
      ["https://api.example.com/items?x=1#y", "api.example.com"],
      ["https://api.example.com:443/", "api.example.com"],
      ["http://api.example.com:8443", "api.example.com:8443"],
      ["api.example.com:80", "api.example.com:80"],
      ["api.example.com:443", "api.example.com:443"],
      ["127.0.0.1:3000/path", "127.0.0.1:3000"],
      ["[::1]:8080", "[::1]:8080"],
      ["bücher.example", "xn--bcher-kva.example"],
    ];
    for (const [typed, target] of claims) assert.equal(targetOf(typed), target, typed);
  });

  it("refuses what is more or less than one host of http", () => {
    for (const typed of [
      "",
      " ",
      "*",
      "*.example.com",
      "http://*/",
      "ftp://host",
      "javascript:alert(1)",
      "user:pw@host",
      "a b",
      "host:99999",
      "file:///etc",
    ])
      assert.equal(targetOf(typed), undefined, typed);
  });

  it("gives what it takes itself", () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.domain(), fc.string()), (typed) => {
        const target = targetOf(typed);
        if (target !== undefined) assert.equal(targetOf(target), target);
      }),
    );
  });
});

const host = fc.constantFrom(
  "api.example.com",
  "apixexample.com",
  "example.com",
  "localhost",
  "127.0.0.1",
  "[::1]",
  "evil.com",
);
const port = fc.constantFrom("", ":80", ":443", ":8080", ":80801");
const scheme = fc.constantFrom("http", "https", "ws", "wss", "ftp");
const rest = fc.constantFrom(
  "/",
  "/path",
  "/?x=http://api.example.com/",
  "/@api.example.com/",
  "/#api.example.com:8080/",
);
const user = fc.constantFrom("", "api.example.com@", "a:b@");

describe("a target's rule", () => {
  it("holds for the addresses on it, and for no other", () => {
    fc.assert(
      fc.property(
        host,
        port,
        scheme,
        host,
        port,
        user,
        rest,
        (targetHost, targetPort, protocol, to, toPort, who, path) => {
          const target = targetOf(`${targetHost}${targetPort}`);
          const url = URL.parse(`${protocol}://${who}${to}${toPort}${path}`);
          if (target === undefined || url === null) return;
          // What the browser compares has no user name in it.
          url.username = "";
          url.password = "";
          assert.equal(
            startsOf(target).some((start) => url.href.startsWith(start)),
            isOnTarget(url, target),
            `${target} ${url.href}`,
          );
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("takes the standard ports where it names none, and only those", () => {
    const on = (address: string, target: string) => isOnTarget(new URL(address), target);
    assert.ok(on("http://host/", "host") && on("https://host/", "host") && on("wss://host/", "host"));
    assert.ok(!on("http://host:8080/", "host") && !on("http://host:443/", "host"));
    assert.ok(on("http://host:8080/", "host:8080") && !on("http://host/", "host:8080"));
    assert.ok(on("https://host/", "host:443") && !on("http://host/", "host:443"));
    assert.ok(!on("http://host.evil.com/", "host") && !on("http://xhost/", "host"));
  });
});
