import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError, createLogger, readEnv } from "../src/index.ts";

describe("settings", () => {
  it("that are unset or empty have their default", () => {
    for (const env of [{}, { A: "" }]) {
      const read = readEnv(env, (reader) => [
        reader.text("A", "x"),
        reader.flag("A", true),
        reader.port("A", 1),
      ]);
      assert.deepEqual(read, ["x", true, 1]);
    }
  });

  it("are read in the form that they have", () => {
    assert.equal(
      readEnv({ A: "0" }, (read) => read.port("A", 1)),
      0,
    );
    assert.equal(
      readEnv({ A: "3600000" }, (read) => read.milliseconds("A", 1)),
      3_600_000,
    );
    assert.deepEqual(
      readEnv({ A: "a, b" }, (read) => read.list("A", [], (one) => one !== "", "names")),
      ["a", "b"],
    );
    assert.equal(
      readEnv({}, (read) => read.optionalPort("A")),
      undefined,
    );
  });

  it("that are wrong are refused, shortened in the message, and say what to set", () => {
    const long = "x".repeat(500);
    assert.throws(
      () => readEnv({ A: long }, (read) => read.milliseconds("A", 7)),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(
          error.message,
          /A is "x{80}…": set it to a whole number of milliseconds .*unset for 7\./,
        );
        return true;
      },
    );
    for (const wrong of ["0", "-1", "1e3", " 1", "3600001"]) {
      assert.throws(() => readEnv({ A: wrong }, (read) => read.milliseconds("A", 1)), ConfigError, wrong);
    }
  });

  it("of the log level are one of pino's", () => {
    assert.equal(createLogger({ service: "api" }, { LOG_LEVEL: "debug" }).level, "debug");
    assert.throws(() => createLogger({ service: "api" }, { LOG_LEVEL: "loud" }), /LOG_LEVEL is "loud"/);
  });
});
