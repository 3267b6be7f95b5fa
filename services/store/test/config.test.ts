import assert from "node:assert/strict";
import { it } from "node:test";
import { ConfigError } from "@shop/common";
import { readConfig } from "../src/config.ts";

it("an empty environment gives every default", () => {
  assert.deepEqual(readConfig({ PORT: "" }), {
    host: "127.0.0.1",
    port: 50_051,
    metricsPort: undefined,
    table: "items",
    seed: false,
  });
});

it("every wrong setting is named at once, with what to set instead", () => {
  const env = { PORT: "http", METRICS_PORT: "65536", STORE_TABLE: "a b", STORE_SEED: "yes", HOST: "a\nb" };
  assert.throws(
    () => readConfig(env),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.problems.length, 5);
      assert.match(error.message, /PORT is "http": set it to a port from 0 to 65535/);
      assert.match(
        error.message,
        /STORE_SEED is "yes": set it to true or false, or leave it unset for false\./,
      );
      return true;
    },
  );
});
