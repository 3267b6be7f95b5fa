import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkedIdentity } from "../src/identity.ts";
import { identityFromEnv } from "../src/index.ts";

describe("identityFromEnv", () => {
  it("reads a canary's identity", () => {
    const env = { CANARY_SERVICE: "store", CANARY_PR: "45", CANARY_REVISION: "ab12cd34ef56" };
    assert.deepEqual(identityFromEnv(env), { service: "store", pr: 45, revision: "ab12cd34ef56" });
  });

  it("takes an empty variable as absent: that is stable", () => {
    const env = { CANARY_SERVICE: "store", CANARY_PR: "", CANARY_REVISION: "" };
    assert.deepEqual(identityFromEnv(env), { service: "store" });
  });

  it("says which variable is missing and what to set", () => {
    assert.throws(() => identityFromEnv({}), /CANARY_SERVICE is missing: set it to the service's name/);
  });

  it("names every malformed variable at once", () => {
    const env = { CANARY_SERVICE: "Store", CANARY_PR: "0x1f", CANARY_REVISION: 'a"b' };
    assert.throws(
      () => identityFromEnv(env),
      /CANARY_SERVICE must[\s\S]*CANARY_PR must[\s\S]*CANARY_REVISION must/,
    );
  });

  for (const pr of ["0", "007", " 7", "7e2", "-1", "12345678901"]) {
    it(`refuses CANARY_PR=${JSON.stringify(pr)}`, () => {
      assert.throws(() => identityFromEnv({ CANARY_SERVICE: "store", CANARY_PR: pr }), /CANARY_PR must be/);
    });
  }

  it("refuses a name that could be taken for a canary's", () => {
    assert.throws(() => identityFromEnv({ CANARY_SERVICE: "store-canary-pr-1" }), /CANARY_SERVICE must/);
  });
});

describe("checkedIdentity", () => {
  it("returns what can be sent in a trail", () => {
    const identity = { service: "api", pr: 7, revision: "v1.4.0" };
    assert.equal(checkedIdentity(identity), identity);
  });

  it("refuses what cannot be", () => {
    assert.throws(
      () => checkedIdentity({ service: "api", pr: 1.5, revision: "" }),
      /identity.pr must[\s\S]*identity.revision must/,
    );
  });
});
