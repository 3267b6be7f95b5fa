import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { isServiceName } from "@perch/header";
import fc from "fast-check";
import { normalPath, parseDuration, parseQuantity, SERVICE_NAME_PATTERN } from "../../src/config/scalars.ts";

test("the pattern that editors see is the selector's grammar of service names", () => {
  const pattern = new RegExp(SERVICE_NAME_PATTERN);
  const near = fc.string({ unit: fc.constantFrom(..."a0-"), maxLength: 42 });
  const canary = fc.tuple(near, near).map(([a, b]) => `${a}-canary-pr-${b}`);
  fc.assert(
    fc.property(fc.oneof(near, canary, fc.string()), (name) => pattern.test(name) === isServiceName(name)),
  );
});

describe("parseDuration", () => {
  it("answers in milliseconds", () => {
    assert.deepEqual(
      ["500ms", "30s", "15m", "2h", "7d"].map(parseDuration),
      [500, 30_000, 900_000, 7_200_000, 604_800_000],
    );
  });

  it("takes nothing else", () => {
    for (const text of ["", "5", "5 s", "-5s", "1.5h", "1h30m", "5S", "1w"]) {
      assert.equal(parseDuration(text), undefined, text);
    }
  });
});

describe("parseQuantity", () => {
  it("answers in cores or bytes", () => {
    assert.deepEqual(["2", "500m", "0.5", "1Ki", "2Gi", "1M"].map(parseQuantity), [
      2,
      0.5,
      0.5,
      1024,
      2 ** 31,
      1e6,
    ]);
  });

  it("takes nothing else", () => {
    for (const text of ["", "Gi", "-1", "1 Gi", "1gi", "1KiB", ".5"]) {
      assert.equal(parseQuantity(text), undefined, text);
    }
  });
});

test("normalPath has one spelling for a path", () => {
  assert.deepEqual(["./services/api/", "services/api", ".", "./"].map(normalPath), [
    "services/api",
    "services/api",
    ".",
    ".",
  ]);
});
