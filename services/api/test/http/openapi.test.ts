import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { endings } from "@shop/common/testing";
import { Ajv2020 } from "ajv/dist/2020.js";
import { type Answer, send, startApi, startStore } from "../support/shop.ts";

interface Operation {
  readonly operationId?: string;
  readonly responses: Record<string, { description?: string; content?: Record<string, { schema: object }> }>;
}
interface Document {
  readonly openapi: string;
  readonly info: { title: string; version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, object> };
}

const all = endings();
let url: string;
let document: Document;

before(async () => {
  const { address } = await startStore(all, { STORE_SEED: "true" });
  ({ url } = await startApi(all, { STORE_ADDR: address }));
  document = (await send(`${url}/api/openapi.json`)).body as Document;
});
after(all.end);

function operations(): [string, Operation][] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method} ${path}`,
      operation,
    ]),
  );
}

/** Asserts that the document foresees the answer: its status, its type, and its body. */
function assertForeseen(operation: string, answer: Answer): void {
  const foreseen = new Map(operations()).get(operation)?.responses[answer.status];
  assert.ok(foreseen !== undefined, `${operation} answers ${answer.status}`);
  const [type = ""] = (answer.headers.get("content-type") ?? "").split(";");
  if (foreseen.content === undefined) {
    assert.equal(type, "");
    return;
  }
  const schema = foreseen.content[type]?.schema;
  assert.ok(schema !== undefined, `${operation} answers ${type}`);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const validate = ajv.compile({ ...schema, components: document.components });
  assert.ok(validate(answer.body), JSON.stringify(validate.errors));
}

describe("the OpenAPI document", () => {
  it("has what every document of version 3.1 has", () => {
    assert.match(document.openapi, /^3\.1\.\d$/);
    assert.ok(document.info.title !== "" && document.info.version !== "");
    for (const [name, { responses }] of operations()) {
      for (const { description } of Object.values(responses)) assert.ok(description, name);
    }
  });

  it("has each operation under a name of its own", () => {
    const ids = operations().map(([, { operationId }]) => operationId);
    assert.deepEqual(ids.sort(), [
      "createItem",
      "deleteItem",
      "exportItems",
      "getItem",
      "listItems",
      "replaceItem",
    ]);
  });

  it("refers to nothing that it does not have", () => {
    const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
    const names = new Set([...refs].map(([, name]) => name ?? ""));
    assert.deepEqual([...names].sort(), ["Item", "ItemPage", "ItemUpdate", "NewItem", "Problem"]);
    for (const name of names) assert.ok(name in document.components.schemas, name);
  });

  it("foresees what the routes answer, errors too", async () => {
    const items = `${url}/api/items`;
    const json = { name: "Perch", priceCents: 1 };
    const put = { method: "PUT", json };
    assertForeseen("get /api/items", await send(items));
    assertForeseen("get /api/items", await send(`${items}?pageSize=2`));
    assertForeseen("get /api/items", await send(`${items}?pageSize=0`));
    assertForeseen("post /api/items", await send(items, { method: "POST", json: { ...json, id: "a" } }));
    assertForeseen("post /api/items", await send(items, { method: "POST", json: { ...json, id: "a" } }));
    assertForeseen("post /api/items", await send(items, { method: "POST", json: {} }));
    assertForeseen("post /api/items", await send(items, { method: "POST", body: "x" }));
    assertForeseen("get /api/items/{id}", await send(`${items}/a`));
    assertForeseen("get /api/items/{id}", await send(`${items}/b`));
    assertForeseen("put /api/items/{id}", await send(`${items}/a`, put));
    assertForeseen(
      "put /api/items/{id}",
      await send(`${items}/a`, { ...put, headers: { "if-match": '"1"' } }),
    );
    assertForeseen(
      "put /api/items/{id}",
      await send(`${items}/a`, { ...put, headers: { "if-match": '"1"' } }),
    );
    assertForeseen("delete /api/items/{id}", await send(`${items}/a`, { method: "DELETE" }));
    assertForeseen("delete /api/items/{id}", await send(`${items}/a`, { method: "DELETE" }));
    assertForeseen("get /api/export", await send(`${url}/api/export`));
  });
});
