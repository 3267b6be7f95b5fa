import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { endings } from "@shop/common/testing";
import { assertProblem } from "../support/assert-problem.ts";
import { type Answer, send, startApi, startStore } from "../support/shop.ts";

const all = endings();
let items: string;

before(async () => {
  const { address } = await startStore(all);
  const { url } = await startApi(all, { STORE_ADDR: address });
  items = `${url}/api/items`;
});
after(all.end);

interface ItemBody {
  readonly id: string;
  readonly version: number;
  readonly name: string;
}

function create(fields: object = {}): Promise<Answer> {
  return send(items, { method: "POST", json: { name: "Perch", priceCents: 100, ...fields } });
}

function replace(id: string, fields: object, ifMatch?: string): Promise<Answer> {
  const headers: Record<string, string> = ifMatch === undefined ? {} : { "if-match": ifMatch };
  return send(`${items}/${id}`, {
    method: "PUT",
    headers,
    json: { name: "Perch", priceCents: 100, ...fields },
  });
}

describe("an item", () => {
  it("is created, with its path and its ETag, and read back", async () => {
    const made = await create({ id: "oak", name: "Oak 🐦", description: "Two\nlines", priceCents: 1_490 });
    assert.equal(made.status, 201);
    assert.equal(made.headers.get("location"), "/api/items/oak");
    assert.equal(made.headers.get("etag"), '"1"');
    const read = await send(`${items}/oak`);
    assert.equal(read.status, 200);
    assert.equal(read.headers.get("etag"), '"1"');
    assert.deepEqual(read.body, made.body);
    assert.deepEqual(Object.keys(read.body as object), [
      "id",
      "name",
      "description",
      "priceCents",
      "version",
      "createdAt",
      "updatedAt",
    ]);
  });

  it("needs neither an id nor a description", async () => {
    const { body } = await create();
    assert.match((body as ItemBody).id, /^[0-9a-f-]{36}$/);
    assert.equal((body as { description: string }).description, "");
  });

  it("that exists is a 409", async () => {
    await create({ id: "once" });
    assertProblem(await create({ id: "once" }), 409, /"once"/);
  });

  it("is replaced when If-Match is its ETag, and has the next one then", async () => {
    await create({ id: "replaced" });
    const answer = await replace("replaced", { name: "New" }, '"1"');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("etag"), '"2"');
    assert.equal((answer.body as ItemBody).name, "New");
  });

  it("is not replaced without If-Match: 428", async () => {
    await create({ id: "careless" });
    assertProblem(await replace("careless", {}), 428, /If-Match/);
  });

  it("is replaced whatever its version by If-Match: *, but not made by it", async () => {
    await create({ id: "star" });
    assert.equal((await replace("star", {}, "*")).status, 200);
    assertProblem(await replace("star-missing", {}, "*"), 404);
  });

  it("is neither replaced nor deleted when If-Match is an older ETag: 412", async () => {
    await create({ id: "stale" });
    await replace("stale", {}, '"1"');
    assertProblem(await replace("stale", {}, '"1"'), 412, /version is 2 now/);
    assertProblem(await send(`${items}/stale`, { method: "DELETE", headers: { "if-match": '"1"' } }), 412);
  });

  it("takes exactly one of many replacements of the same version", async () => {
    await create({ id: "race" });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => replace("race", { name: `N${n}` }, '"1"')),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [200, ...Array.from({ length: 9 }, () => 412)]);
  });

  it("is deleted once", async () => {
    await create({ id: "gone" });
    const answer = await send(`${items}/gone`, { method: "DELETE" });
    assert.equal(answer.status, 204);
    assert.equal(answer.body, "");
    assertProblem(await send(`${items}/gone`, { method: "DELETE" }), 404, /no item "gone"/);
    assertProblem(await send(`${items}/gone`), 404);
  });
});

describe("lists", () => {
  it("show every item exactly once, page by page, and the last page has no token", async () => {
    await Promise.all(Array.from({ length: 7 }, () => create()));
    const whole = (await send(`${items}?pageSize=100`)).body as { items: ItemBody[]; nextPageToken?: string };
    assert.equal(whole.nextPageToken, undefined);
    const found: string[] = [];
    for (let query = "pageSize=3"; query !== ""; ) {
      const { body } = await send(`${items}?${query}`);
      const page = body as typeof whole;
      found.push(...page.items.map(({ id }) => id));
      query = page.nextPageToken === undefined ? "" : `pageSize=3&pageToken=${page.nextPageToken}`;
    }
    assert.deepEqual(
      found,
      whole.items.map(({ id }) => id),
    );
    assert.equal(new Set(found).size, found.length);
  });
});

describe("a request that is not valid is a 400 that says where:", () => {
  function errorsOf(answer: Answer): unknown {
    return assertProblem(answer, 400).errors;
  }

  it("every member of a body, at once, by JSON Pointer", async () => {
    const answer = await send(items, {
      method: "POST",
      json: { id: "No", name: " ", priceCents: "1", "a/b~c d": 1 },
    });
    const pointers = (errorsOf(answer) as { pointer: string }[]).map(({ pointer }) => pointer);
    assert.deepEqual(pointers.sort(), ["#/a~1b~0c%20d", "#/id", "#/name", "#/priceCents"]);
  });

  it("a member that is missing", async () => {
    assert.deepEqual(errorsOf(await send(items, { method: "POST", json: { name: "Perch" } })), [
      { detail: "must have required property 'priceCents'", pointer: "#/priceCents" },
    ]);
  });

  it("numbers that are no numbers, too large, or negative", async () => {
    for (const priceCents of [1.5, -1, 1e9, null, true, "100", [1]]) {
      assert.deepEqual(
        (errorsOf(await create({ priceCents })) as { pointer: string }[])[0]?.pointer,
        "#/priceCents",
      );
    }
  });

  it("a member with half of a surrogate pair as its name", async () => {
    const body = '{"name":"a","priceCents":1,"\\ud800":1}';
    const headers = { "content-type": "application/json" };
    assertProblem(await send(items, { method: "POST", headers, body }), 400);
  });

  it("__proto__ in a body", async () => {
    const body = '{"name":"a","priceCents":1,"__proto__":{"x":1}}';
    const headers = { "content-type": "application/json" };
    assertProblem(await send(items, { method: "POST", headers, body }), 400);
  });

  it("parameters of the query, by name", async () => {
    for (const query of ["pageSize=0", "pageSize=101", "pageSize=x", "pageSize=1&pageSize=2"]) {
      assert.equal(
        (errorsOf(await send(`${items}?${query}`)) as { parameter: string }[])[0]?.parameter,
        "pageSize",
      );
    }
    assert.deepEqual(errorsOf(await send(`${items}?size=1`)), [
      { detail: "must NOT have additional properties", parameter: "size" },
    ]);
  });

  it("page tokens of somebody else", async () => {
    for (const token of ["x", "%F0%9F%90%A6", "e30", "a".repeat(200)]) {
      assertProblem(await send(`${items}?pageToken=${token}`), 400);
    }
  });

  it("ids, by the name of the parameter", async () => {
    for (const id of ["A", "-a", "%2e%2e%2fx", "a%00", "x".repeat(65)]) {
      const errors = errorsOf(await send(`${items}/${id}`)) as { parameter: string }[];
      assert.deepEqual(new Set(errors.map(({ parameter }) => parameter)), new Set(["id"]));
    }
  });

  it("If-Match that is no ETag of this API", async () => {
    for (const ifMatch of ["1", 'W/"1"', '"0"', '"x"', '"1", "2"', '"99999999999"', '"9999999999"']) {
      assert.equal(
        (errorsOf(await replace("oak", {}, ifMatch)) as { parameter: string }[])[0]?.parameter,
        "If-Match",
      );
    }
  });
});
