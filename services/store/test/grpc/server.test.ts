import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { loadSync, type ServiceDefinition } from "@grpc/proto-loader";
import { endings, startDatabase } from "@shop/common/testing";
import { service as health } from "grpc-health-check";
import { type RunningStore, startReadyStore } from "../support/running-store.ts";

const all = endings();
let store: RunningStore;
let client: Client;

before(async () => {
  const database = await startDatabase(all);
  store = await startReadyStore(all, { ...database.env, CANARY_PR: "45", CANARY_REVISION: "ab12cd34ef56" });
  client = new Client(store.address, credentials.createInsecure());
  all.after(() => client.close());
});

after(all.end);

describe("health", () => {
  function check(service: string): Promise<unknown> {
    assert.ok(health.Check !== undefined);
    const { path, requestSerialize, responseDeserialize } = health.Check;
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, response) => {
        if (error === null) resolve(response);
        else reject(error);
      });
    });
  }

  it("is SERVING for the server and for the service by its name", async () => {
    assert.deepEqual(await check(""), { status: "SERVING" });
    assert.deepEqual(await check("store.v1.StoreService"), { status: "SERVING" });
  });

  it("does not know other services", async () => {
    await assert.rejects(check("other.v1.Service"), { code: 5 });
  });
});

describe("reflection", () => {
  it("lists the services, and describes StoreService with all its methods", async () => {
    const { path, requestSerialize, responseDeserialize } = reflectionMethod();
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    stream.write({ listServices: "" });
    const [listed] = await once(stream, "data");
    const names = listed.listServicesResponse.service.map(({ name }: { name: string }) => name);
    assert.deepEqual(names.sort(), ["grpc.health.v1.Health", "store.v1.StoreService"]);

    stream.write({ fileContainingSymbol: "store.v1.StoreService" });
    const [described] = await once(stream, "data");
    const bytes = Buffer.concat(described.fileDescriptorResponse.fileDescriptorProto).toString("latin1");
    for (const name of ["ListItems", "GetItem", "CreateItem", "UpdateItem", "DeleteItem", "ExportItems"]) {
      assert.ok(bytes.includes(name), name);
    }
    stream.end();
  });

  function reflectionMethod() {
    const proto = new URL(
      "../proto/grpc/reflection/v1/reflection.proto",
      import.meta.resolve("@grpc/reflection"),
    );
    const reflection = loadSync(proto.pathname)["grpc.reflection.v1.ServerReflection"] as ServiceDefinition;
    assert.ok(reflection.ServerReflectionInfo !== undefined);
    return reflection.ServerReflectionInfo;
  }
});

describe("the hop trail", () => {
  function trailOf(id: string, selector?: string): Promise<unknown> {
    const metadata = new Metadata();
    if (selector !== undefined) metadata.set("x-canary", selector);
    return new Promise((resolve) => {
      const call = store.client.getItem({ id }, metadata, {}, () => {});
      call.on("status", (end) => resolve(end.metadata.get("x-canary-trail")));
    });
  }

  it("names this canary in the trailers, with an error too, when the call carried a selector", async () => {
    assert.deepEqual(await trailOf("nothing", "45"), ['"store";pr=45;rev="ab12cd34ef56"']);
    assert.deepEqual(await trailOf("nothing"), []);
  });
});
