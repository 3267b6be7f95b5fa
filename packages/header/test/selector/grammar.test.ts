import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isPrNumber, isServiceName } from "@perch/header";

describe("a service name", () => {
  for (const name of ["a", "api", "api-2", "a--b", `a${"b".repeat(39)}`, "canary-pr-1", "x-canary-pr"]) {
    it(`can be ${name}`, () => assert.equal(isServiceName(name), true));
  }
  const refused = [
    "",
    "A",
    "Api",
    "2api",
    "-a",
    "a-",
    "a_b",
    "a.b",
    "a b",
    "a\n",
    "é",
    `a${"b".repeat(40)}`,
    "x-canary-pr-1",
    "a-canary-pr-b",
  ];
  for (const name of refused) {
    it(`cannot be ${JSON.stringify(name)}`, () => assert.equal(isServiceName(name), false));
  }
});

describe("a PR number", () => {
  for (const pr of [1, 7, 2 ** 31, 9_999_999_999]) {
    it(`can be ${pr}`, () => assert.equal(isPrNumber(pr), true));
  }
  for (const pr of [0, -1, 1.5, 10_000_000_000, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`cannot be ${pr}`, () => assert.equal(isPrNumber(pr), false));
  }
});
