import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTrail } from "@perch/header";
import fc from "fast-check";
import { receivedTrail } from "../src/received-trail.ts";

const text = fc.oneof(
  fc.constantFrom('"api"', '"api";pr=7, "store";rev="v1"', "", "nonsense", '"api";pr=0'),
  fc.string(),
  fc.integer({ min: 1, max: 10_000_000 }).map((pr) => `"api";pr=${pr}`),
  fc.nat(600).map((length) => `"${"a".repeat(length)}"`),
);
const lines = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.constant(undefined));

describe("receivedTrail", () => {
  it("reads what parseTrail reads, however often and whatever it was given before", () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 300 }), (all) => {
        for (const one of [...all, ...all]) assert.deepEqual(receivedTrail(one), parseTrail(one));
      }),
    );
  });

  it("gives one object for one text, so that what is made of it can be kept beside it", () => {
    assert.equal(receivedTrail('"store";pr=9'), receivedTrail(['"store";pr=9']));
  });
});
