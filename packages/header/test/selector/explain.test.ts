import assert from "node:assert/strict";
import { it } from "node:test";
import { explainInvalid, type InvalidReason } from "@perch/header";

const reasons: InvalidReason[] = [
  "malformed",
  "too-long",
  "too-many-entries",
  "duplicate-service",
  "differing-lines",
];

for (const reason of reasons) {
  it(`explains ${reason} in one sentence`, () => assert.match(explainInvalid(reason), /^[A-Z][^.!?]*\.$/));
}

it("explains each reason in its own words", () => {
  assert.equal(new Set(reasons.map(explainInvalid)).size, reasons.length);
});
