import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Metadata, Server, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";
import { type Owner, startGate } from "@shop/common/testing";
import { type StoreServiceServer, StoreServiceService } from "@shop/proto";
import { ofStoreError } from "../../src/problems/of-store-error.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { assertProblem } from "../support/assert-problem.ts";
import { send, startApi, startStore } from "../support/shop.ts";

function problemOf(code: status, details = "Words of the store.") {
  const error: ServiceError = Object.assign(new Error(details), { code, details, metadata: new Metadata() });
  return ofStoreError(new StoreError("GetItem", error));
}

describe("each gRPC code becomes the HTTP status that says the same", () => {
  const expected: Partial<Record<keyof typeof status, number>> = {
    INVALID_ARGUMENT: 400,
    NOT_FOUND: 404,
    ALREADY_EXISTS: 409,
    ABORTED: 412,
    UNAVAILABLE: 503,
    RESOURCE_EXHAUSTED: 503,
    CANCELLED: 503,
    DEADLINE_EXCEEDED: 504,
    INTERNAL: 502,
    UNKNOWN: 502,
    UNIMPLEMENTED: 502,
    PERMISSION_DENIED: 502,
    DATA_LOSS: 502,
  };

  for (const [name, http] of Object.entries(expected)) {
    it(`${name} is a ${http}`, () => {
      const { problem, retryAfter } = problemOf(status[name as keyof typeof status]);
      assert.equal(problem.status, http);
      assert.equal(retryAfter !== undefined, http === 503);
      assert.equal(problem.detail.includes("Words of the store."), http < 500 || http === 503);
    });
  }
});

it("addresses in what gRPC says of a failed connection stay inside", () => {
  for (const address of ["127.0.0.1:50051", "connect ECONNREFUSED ::1:80", "fe80::1", "store.apps:50051"]) {
    assert.equal(
      problemOf(status.UNAVAILABLE, `No connection: ${address}`).problem.detail,
      "The store service cannot be reached.",
    );
  }
  assert.match(
    problemOf(status.UNAVAILABLE, "The canary store=1 is starting.").problem.detail,
    /store=1 is starting/,
  );
});

describe("an API whose store", () => {
  it("cannot be reached answers 503 with Retry-After, to an export too", async (t) => {
    const { url } = await startApi(t, { STORE_ADDR: "127.0.0.1:1" });
    for (const path of ["/api/items", "/api/items/a", "/api/export"]) {
      const answer = await send(`${url}${path}`);
      assertProblem(answer, 503, /cannot be reached/);
      assert.equal(answer.headers.get("retry-after"), "1");
    }
  });

  it("does not answer in time answers 504", async (t) => {
    const { address } = await startStore(t);
    const gate = await startGate(t, Number(address.split(":")[1]));
    const { url } = await startApi(t, { STORE_ADDR: `127.0.0.1:${gate.port}`, STORE_TIMEOUT_MS: "200" });
    assert.equal((await send(`${url}/api/items`)).status, 200);
    gate.hold();
    assertProblem(await send(`${url}/api/items`), 504, /in time/);
    gate.release();
    assert.equal((await send(`${url}/api/items`)).status, 200);
  });

  it("fails, or sends half an item, answers 502 and says no more", async (t) => {
    const address = await startBrokenStore(t);
    const { url, service } = await startApi(t, { STORE_ADDR: address });
    const failed = assertProblem(await send(`${url}/api/items`), 502);
    assert.doesNotMatch(JSON.stringify(failed), /secret/);
    assertProblem(await send(`${url}/api/items/half`), 502, /incomplete/);
    const line = await service.line(({ level }) => level === "error");
    assert.match(JSON.stringify(line), /secret/);
  });

  it("breaks off an export half-way breaks off the response, so that nobody takes it for complete", async (t) => {
    const address = await startBrokenStore(t);
    const { url } = await startApi(t, { STORE_ADDR: address });
    const response = await fetch(`${url}/api/export`);
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
  });
});

/** A store that answers wrongly, over real gRPC. */
async function startBrokenStore(owner: Owner): Promise<string> {
  const date = new Date();
  const half = {
    id: "half",
    name: "",
    description: "",
    priceCents: 0,
    version: 1,
    createdAt: undefined,
    updatedAt: undefined,
  };
  const whole = { ...half, createdAt: date, updatedAt: date };
  const internal = { code: status.INTERNAL, details: "secret" };
  const broken: StoreServiceServer = {
    listItems: (_call, callback) => callback(internal),
    getItem: (_call, callback) => callback(null, { item: half }),
    createItem: (_call, callback) => callback(internal),
    updateItem: (_call, callback) => callback(internal),
    deleteItem: (_call, callback) => callback(internal),
    exportItems: (call) => {
      call.write({ item: whole }, () => call.emit("error", internal));
    },
  };
  const server = new Server();
  server.addService(StoreServiceService, broken);
  owner.after(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return `127.0.0.1:${port}`;
}
