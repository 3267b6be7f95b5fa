import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { processSpec } from "@perch/core";
import { commit, shop } from "./support.ts";

const addresses = {
  own: { host: "127.0.0.1", port: 4321 },
  apex: new Map([["store", "127.0.0.1:7000"]]),
  database: "127.0.0.1:8000",
};
const specOf = (service: string, pr?: number) =>
  processSpec(
    shop(),
    {
      variant: pr === undefined ? { service } : { service, pr },
      repo: "acme/shop",
      commit: commit("b"),
      revision: "bbbbbbbbbbbb",
    },
    addresses,
  );

describe("processSpec", () => {
  it("tells a canary who it is, where to listen, and where what it calls is", () => {
    assert.deepEqual(specOf("api", 7).env, {
      CANARY_SERVICE: "api",
      CANARY_PR: "7",
      CANARY_REVISION: "bbbbbbbbbbbb",
      HOST: "127.0.0.1",
      PORT: "4321",
      STORE_ADDR: "127.0.0.1:7000",
    });
  });

  it("gives stable no PR", () => {
    assert.equal("CANARY_PR" in specOf("api").env, false);
  });

  it("gives a service with a database the AWS SDK's own variables, beside its own local.env", () => {
    const { env } = specOf("store");
    assert.equal(env.AWS_ENDPOINT_URL_DYNAMODB, "http://127.0.0.1:8000");
    assert.equal(env.STORE_SEED, "true");
  });

  it("refuses a service that is not in the config", () => {
    assert.throws(() => specOf("nope"), RangeError);
  });
});
