import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import fc from "fast-check";
import { percentEncode } from "../../../src/routes/grpc/answers.ts";
import { metadata, named, route, tableOf } from "./harness.ts";
import { rawClient, request, sendRaw } from "./raw.ts";

const NOWHERE = "127.0.0.1:1";

describe("a variant that cannot serve", () => {
  it("is UNAVAILABLE with its name, its state and where to look; never stable", async (t) => {
    const stable = await named(t, "stable");
    const table = tableOf({ stable: stable.address, canaries: { 7: { state: "building" } } });
    const { client } = await route(t, table);
    for (const selector of ["7", "store=7", "api=1,store=7"]) {
      await assert.rejects(client.select(selector), {
        code: status.UNAVAILABLE,
        details: "The canary of PR 7 of store is building: It is on its way. See `perch logs store --pr 7`.",
      });
    }
  });

  it("is UNAVAILABLE when it is stable", async (t) => {
    const { client } = await route(t, tableOf({ stable: { state: "failed" } }));
    await assert.rejects(client.select(), {
      code: status.UNAVAILABLE,
      details: "Stable store is failed: It is on its way. See `perch logs store`.",
    });
  });

  it("is UNAVAILABLE when nothing listens where the table says", async (t) => {
    const { client } = await route(t, tableOf({ canaries: { 7: NOWHERE } }));
    await assert.rejects(client.select("7"), {
      code: status.UNAVAILABLE,
      details:
        "The canary of PR 7 of store took no call (ECONNREFUSED). Try again; if it stays so, see `perch logs store --pr 7`.",
    });
  });

  it("is UNAVAILABLE when the table does not know the service", async (t) => {
    const table = { ...tableOf({}), services: new Map() };
    const { client } = await route(t, table);
    await assert.rejects(client.select(), {
      code: status.UNAVAILABLE,
      details: "store has no route. `perch status` shows what runs.",
    });
  });

  it("answers a client that is still sending", async (t) => {
    const { port } = await route(t, tableOf({ stable: { state: "failed" } }));
    const session = await rawClient(t, port);
    const answer = await sendRaw(session, request(), Buffer.alloc(4 * 1024 * 1024));
    assert.equal(answer.headers["grpc-status"], "14");
  });

  it("does not repeat what the client sent", async (t) => {
    const { client } = await route(t, tableOf({ stable: { state: "failed" } }));
    await assert.rejects(client.unary("", metadata({ "x-canary": "<script>" })), (error: Error) => {
      assert.doesNotMatch(error.message, /script/);
      return true;
    });
  });
});

describe("what is no gRPC call", () => {
  const withLine = (name: string, value: string) => {
    const lines = request();
    lines[lines.indexOf(name) + 1] = value;
    return lines;
  };

  it("is 415 for another content type, gRPC-Web included", async (t) => {
    const { port } = await route(t, tableOf({}));
    const session = await rawClient(t, port);
    for (const type of ["application/json", "application/grpc-web", "application/grpcx", "text/plain"]) {
      const answer = await sendRaw(session, withLine("content-type", type));
      assert.equal(answer.headers[":status"], 415, type);
      assert.match(String(answer.body), /takes gRPC calls only/);
    }
  });

  it("is 405 for another method", async (t) => {
    const { port } = await route(t, tableOf({}));
    const session = await rawClient(t, port);
    const answer = await sendRaw(session, withLine(":method", "PUT"));
    assert.deepEqual([answer.headers[":status"], answer.headers.allow], [405, "POST"]);
  });

  it("may say which encoding it has, in any case", async (t) => {
    const stable = await named(t, "stable");
    const { port } = await route(t, tableOf({ stable: stable.address }));
    const session = await rawClient(t, port);
    for (const type of ["application/grpc+proto", "application/grpc;charset=utf-8"]) {
      const answer = await sendRaw(session, withLine("content-type", type));
      assert.equal(answer.trailers["grpc-status"] ?? answer.headers["grpc-status"], "0", type);
    }
  });
});

describe("a message in a header", () => {
  it("is printable ASCII, says the same, and stays short", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 1000 }), (message) => {
        const encoded = percentEncode(message);
        assert.match(encoded, /^[ -~]*$/);
        assert.ok(encoded.length <= 8000);
        const shown = decodeURIComponent(encoded);
        const expected = message.length > 600 ? `${message.slice(0, 600)}...` : message;
        assert.equal(shown, expected.toWellFormed());
      }),
    );
  });
});
