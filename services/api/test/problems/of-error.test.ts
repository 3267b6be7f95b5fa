import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { endings } from "@shop/common/testing";
import { ofError } from "../../src/problems/of-error.ts";
import { assertProblem } from "../support/assert-problem.ts";
import { send, startApi } from "../support/shop.ts";

const all = endings();
let url: string;

// No store: none of these requests gets that far.
before(async () => {
  ({ url } = await startApi(all, {}));
});
after(all.end);

/** Sends bytes, and returns what comes back until the server closes. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(bytes));
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  await once(socket, "close");
  return text;
}

describe("what the API refuses before it asks the store is a problem too:", () => {
  const json = { "content-type": "application/json" };

  it("a path, or a method of a path, that does not exist", async () => {
    assertProblem(await send(`${url}/nothing`), 404, /openapi/);
    assertProblem(await send(`${url}/api/items`, { method: "PATCH" }), 404);
    assertProblem(await send(`${url}/api/items`, { method: "DELETE" }), 404);
  });

  it("a body that is not JSON", async () => {
    assertProblem(
      await send(`${url}/api/items`, { method: "POST", headers: json, body: "{" }),
      400,
      /not valid JSON/,
    );
  });

  it("an empty body, and none", async () => {
    assertProblem(await send(`${url}/api/items`, { method: "POST", headers: json, body: "" }), 400, /empty/);
    assertProblem(await send(`${url}/api/items`, { method: "POST" }), 400);
  });

  it("a body of another type", async () => {
    for (const type of ["text/plain", "application/xml", "multipart/form-data"]) {
      const headers = { "content-type": type };
      assertProblem(
        await send(`${url}/api/items`, { method: "POST", headers, body: "x" }),
        415,
        /application\/json/,
      );
    }
  });

  it("a body that is too large", async () => {
    const body = JSON.stringify({ name: "x".repeat(70_000) });
    assertProblem(await send(`${url}/api/items`, { method: "POST", headers: json, body }), 413, /64 KiB/);
  });

  it("a broken percent-encoding", async () => {
    assertProblem(await send(`${url}/api/items/%E0%A4%A`), 400, /percent-encoding/);
  });

  it("what is no HTTP", async () => {
    const answer = await raw("HELLO\r\n\r\n");
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(answer, /\r\nContent-Type: application\/problem\+json\r\n/);
    assert.match(answer, /"status":400/);
  });

  it("headers that are too large", async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 431 .*"status":431/s);
  });
});

it("an error that nobody foresaw is a 500 without a word of what it was", () => {
  for (const thrown of [new Error("secret"), "secret", undefined, { statusCode: 200 }]) {
    const { problem, cause } = ofError(thrown);
    assert.equal(problem.status, 500);
    assert.doesNotMatch(JSON.stringify(problem), /secret/);
    assert.equal(cause, thrown);
  }
});
