import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { href, parseRoute, type Route } from "../src/route.ts";

const service = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/);
const pr = fc.integer({ min: 1, max: 9_999_999_999 });
const route: fc.Arbitrary<Exclude<Route, { page: "unknown" }>> = fc.oneof(
  fc.constant({ page: "overview" as const }),
  fc.record({ page: fc.constant("pull-request" as const), pr }),
  fc.record({ page: fc.constant("variant" as const), service, pr }),
  fc.record({ page: fc.constant("variant" as const), service }),
  fc.record({ page: fc.constant("try" as const), selector: fc.string(), path: fc.string() }),
);

describe("deep links", () => {
  it("lead back to what they were made from", () => {
    fc.assert(fc.property(route, (one) => assert.deepEqual(parseRoute(href(one)), { ...one })));
  });

  it("of any text are a page, and never an error", () => {
    fc.assert(fc.property(fc.string(), (hash) => typeof parseRoute(hash).page === "string"));
    for (const hash of ["#/pr/0", "#/pr/07", "#/pr/7/x y", "#/pr/7/store/more", "#/service/", "#/nope"])
      assert.equal(parseRoute(hash).page, "unknown", hash);
    for (const hash of ["", "#", "#/"]) assert.equal(parseRoute(hash).page, "overview", hash);
  });
});
