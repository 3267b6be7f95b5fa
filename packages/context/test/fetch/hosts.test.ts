import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serviceAt } from "../../src/fetch/hosts.ts";

const at = (hosts: Record<string, string>, url: string) => serviceAt(hosts)(new URL(url));

describe("the list of hosts", () => {
  for (const [host, url] of [
    ["store:8080", "http://store:8080/items"],
    ["store", "http://store/"],
    ["store", "https://store/"],
    ["store:80", "http://store/"],
    ["store:443", "https://STORE"],
    ["Store.Apps.svc.cluster.local", "http://store.apps.svc.cluster.local"],
    ["[::1]:8080", "http://[0:0::1]:8080"],
    ["127.0.0.1:8080", "http://127.0.0.1:8080"],
  ] as const) {
    it(`takes ${url} for ${host}`, () => assert.equal(at({ [host]: "store" }, url), "store"));
  }

  for (const [host, url] of [
    ["store", "http://store:8080"],
    ["store:8080", "http://store"],
    ["store:80", "https://store"],
    ["store", "http://store.evil.example"],
    ["store", "http://evil.example/store"],
    ["store", "http://store@evil.example"],
    ["store", "ftp://store"],
  ] as const) {
    it(`does not take ${url} for ${host}`, () => assert.equal(at({ [host]: "store" }, url), undefined));
  }

  for (const host of [
    "http://store",
    "store/",
    "*",
    "*.internal",
    "",
    "a b",
    "store:",
    "store:99999",
    "user@store",
  ]) {
    it(`refuses ${JSON.stringify(host)} as a host, and says what to write`, () => {
      assert.throws(() => serviceAt({ [host]: "store" }), /is no host: write "name" or "name:port"/);
    });
  }

  it("refuses a service without a valid name", () => {
    assert.throws(() => serviceAt({ store: "Store" }), /the service of hosts\["store"\] must be/);
  });
});
