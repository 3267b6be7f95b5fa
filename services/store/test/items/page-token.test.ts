import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import fc from "fast-check";
import { pageTokenAfter, readPageToken } from "../../src/items/page-token.ts";

const id = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,62}[a-z0-9])?$/);

describe("page tokens", () => {
  it("lead back to the item that they were made of, for every id", () => {
    fc.assert(fc.property(id, (one) => assert.equal(readPageToken(pageTokenAfter(one)), one)));
  });

  it("that are empty mean the first page", () => {
    assert.equal(readPageToken(""), undefined);
  });

  it("of any other text are INVALID_ARGUMENT and nothing worse", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.base64String());
    fc.assert(
      fc.property(text, (token) => {
        if (token === "") return;
        assert.throws(() => readPageToken(token), { name: "StatusError", code: status.INVALID_ARGUMENT });
      }),
    );
  });

  it("of ours with one character changed never mean a text that is no id", () => {
    for (const token of [
      `${pageTokenAfter("oak")}=`,
      `${pageTokenAfter("oak")}\n`,
      Buffer.from("1:OAK").toString("base64url"),
      Buffer.from("2:oak").toString("base64url"),
    ]) {
      assert.throws(() => readPageToken(token), { code: status.INVALID_ARGUMENT });
    }
  });
});
