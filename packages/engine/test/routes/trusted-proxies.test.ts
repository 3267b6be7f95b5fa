import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PerchError } from "@perch/core";
import { trustedProxies } from "../../src/routes/trusted-proxies.ts";

describe("trusted proxies", () => {
  it("are nobody unless they are named", () => {
    const trusts = trustedProxies([]);
    for (const peer of ["127.0.0.1", "::1", "unknown"]) assert.equal(trusts(peer), false, peer);
  });

  it("are the addresses and ranges that are named, however a socket writes them", () => {
    const trusts = trustedProxies(["10.0.0.0/8", "192.168.1.7", "fd00::/8", "::1", "fe80::2"]);
    for (const peer of ["10.255.0.1", "::ffff:10.0.0.1", "192.168.1.7", "fd12::1", "::1", "fe80::2%eth0"])
      assert.equal(trusts(peer), true, peer);
    for (const peer of ["11.0.0.1", "192.168.1.8", "fe80::1%eth0", "127.0.0.1", "unknown", ""])
      assert.equal(trusts(peer), false, peer);
  });

  it("are refused where they are no addresses", () => {
    for (const wrong of [
      "proxy",
      "10.0.0.0/33",
      "10.0.0.0/",
      "10.0.0.0/8/8",
      "::1/129",
      "10.0.0/8",
      "1.2.3.4/a",
    ])
      assert.throws(() => trustedProxies([wrong]), PerchError, wrong);
  });
});
