import assert from "node:assert/strict";
import { it } from "node:test";
import { ConfigError } from "@shop/common";
import { readConfig } from "../src/config.ts";

it("an empty environment gives every default", () => {
  assert.deepEqual(readConfig({}), {
    host: "127.0.0.1",
    port: 3_000,
    store: { address: "127.0.0.1:50051", timeout: 3_000 },
    origins: ["*"],
  });
});

it("addresses of every form are taken", () => {
  for (const address of ["store:1", "store.apps.svc.cluster.local:50051", "10.0.0.1:80", "[::1]:65535"]) {
    assert.equal(readConfig({ STORE_ADDR: address }).store.address, address);
  }
});

it("every wrong setting is named at once, with what to set instead", () => {
  const env = {
    PORT: "-1",
    STORE_ADDR: "http://store:50051",
    STORE_TIMEOUT_MS: "3s",
    CORS_ORIGINS: "https://shop.example.com/",
  };
  assert.throws(
    () => readConfig(env),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(
        error.problems.map((problem) => problem.split(" ")[0]),
        ["PORT", "STORE_ADDR", "STORE_TIMEOUT_MS", "CORS_ORIGINS"],
      );
      assert.match(error.message, /STORE_ADDR is "http:\/\/store:50051": set it to host:port/);
      return true;
    },
  );
});

it("an address without a port, or with an impossible one, is refused", () => {
  for (const address of ["store", "store:", "store:0", "store:65536", ":80", "::1:80"]) {
    assert.throws(() => readConfig({ STORE_ADDR: address }), ConfigError, address);
  }
});
