import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ClientUnaryCall, status } from "@grpc/grpc-js";
import {
  type Database,
  databaseEnv,
  endings,
  type Gate,
  type Owner,
  startDatabase,
  startGate,
} from "@shop/common/testing";
import type { Item } from "@shop/proto";
import { ask, itemsOf, type RunningStore, startReadyStore } from "./support/running-store.ts";

const all = endings();
let database: Database;
let store: RunningStore;
let items: ReturnType<typeof itemsOf>;

before(async () => {
  database = await startDatabase(all);
  store = await startReadyStore(all, database.env);
  items = itemsOf(store.client);
});

after(all.end);

async function created(fields: Parameters<typeof items.create>[0] = {}): Promise<Item> {
  const { item } = await items.create(fields);
  assert.ok(item !== undefined);
  return item;
}

describe("an item", () => {
  it("is created with version 1, and read as it was created", async () => {
    const item = await created({ id: "oak", name: "Oak 🐦", description: "Two\nlines", priceCents: 1_490 });
    assert.equal(item.version, 1);
    assert.deepEqual(item.createdAt, item.updatedAt);
    assert.deepEqual((await items.get("oak")).item, item);
  });

  it("gets an id when its creator has none", async () => {
    const [one, other] = [await created(), await created()];
    assert.match(one.id, /^[0-9a-f-]{36}$/);
    assert.notEqual(one.id, other.id);
  });

  it("is not created twice", async () => {
    await created({ id: "once" });
    await assert.rejects(items.create({ id: "once" }), { code: status.ALREADY_EXISTS, details: /"once"/ });
  });

  it("is updated with one version more, and keeps when it was created", async () => {
    const before = await created({ id: "updated" });
    const { item } = await items.update({ id: "updated", name: "New", priceCents: 2, expectedVersion: 1 });
    assert.equal(item?.name, "New");
    assert.equal(item.version, 2);
    assert.deepEqual(item.createdAt, before.createdAt);
    assert.deepEqual((await items.get("updated")).item, item);
  });

  it("is updated whatever its version, if none is expected", async () => {
    await created({ id: "any-version" });
    await items.update({ id: "any-version" });
    assert.equal((await items.update({ id: "any-version" })).item?.version, 3);
  });

  it("is deleted once", async () => {
    await created({ id: "deleted" });
    await items.delete("deleted");
    await assert.rejects(items.get("deleted"), { code: status.NOT_FOUND });
    await assert.rejects(items.delete("deleted"), { code: status.NOT_FOUND });
    await assert.rejects(items.update({ id: "deleted", expectedVersion: 1 }), { code: status.NOT_FOUND });
  });

  it("is neither updated nor deleted when its version is not the expected one, which ABORTED names", async () => {
    await created({ id: "conflict" });
    const refusal = { code: status.ABORTED, details: /version is 1 now/ };
    await assert.rejects(items.update({ id: "conflict", name: "Lost", expectedVersion: 2 }), refusal);
    await assert.rejects(items.delete("conflict", 2), refusal);
    assert.equal((await items.get("conflict")).item?.name, "Perch");
    await items.delete("conflict", 1);
  });

  it("takes exactly one of many updates that expect the same version", async () => {
    await created({ id: "race" });
    for (let version = 1; version <= 3; version++) {
      const updates = Array.from({ length: 12 }, (_, n) =>
        items.update({ id: "race", name: `N${n}`, expectedVersion: version }),
      );
      const results = await Promise.allSettled(updates);
      const won = results.filter((result) => result.status === "fulfilled");
      const codes = results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
      assert.equal(won.length, 1);
      assert.deepEqual(new Set(codes), new Set([status.ABORTED]));
      assert.equal((await items.get("race")).item?.version, version + 1);
    }
  });
});

describe("bad requests", () => {
  it("with ids, fields, sizes or versions out of their limits are INVALID_ARGUMENT", async () => {
    const refusal = { code: status.INVALID_ARGUMENT };
    for (const id of ["", "A", "../x", "x".repeat(65), "a\u0000"])
      await assert.rejects(items.get(id), refusal);
    await assert.rejects(items.create({ id: "Ä" }), refusal);
    await assert.rejects(items.create({ name: "" }), { ...refusal, details: /name must have/ });
    await assert.rejects(items.create({ priceCents: -1 }), refusal);
    await assert.rejects(items.update({ id: "oak", expectedVersion: 0 }), refusal);
    await assert.rejects(items.delete("oak", -1), refusal);
    await assert.rejects(items.list(101), refusal);
  });

  it("with a page token of somebody else's are INVALID_ARGUMENT", async () => {
    for (const token of ["x", "%%%", "🐦", "e30", "a".repeat(10_000)]) {
      await assert.rejects(items.list(1, token), { code: status.INVALID_ARGUMENT, details: /page token/ });
    }
  });

  it("of a method that does not exist are UNIMPLEMENTED", async () => {
    const { path: _, ...getItem } = store.client.getItem as unknown as { path: string };
    assert.ok(getItem !== undefined);
    const call = new Promise((_resolve, reject) => {
      const identity = (bytes: Buffer) => bytes;
      store.client.makeUnaryRequest(
        "/store.v1.StoreService/Nothing",
        identity,
        identity,
        Buffer.alloc(0),
        reject,
      );
    });
    await assert.rejects(call, { code: status.UNIMPLEMENTED });
  });
});

describe("lists", () => {
  async function pages(pageSize: number): Promise<string[][]> {
    const found: string[][] = [];
    for (let token = "", more = true; more; more = token !== "") {
      const page = await items.list(pageSize, token);
      found.push(page.items.map(({ id }) => id));
      token = page.nextPageToken;
    }
    return found;
  }

  it("show every item exactly once, page by page, with no empty page at the end", async (t) => {
    const other = await startReadyStore(t, { ...database.env, STORE_TABLE: "listed" });
    try {
      items = itemsOf(other.client);
      assert.deepEqual(await pages(10), [[]]);
      const ids = Array.from({ length: 23 }, (_, n) => `item-${n}`);
      await Promise.all(ids.map((id) => items.create({ id })));
      for (const size of [1, 5, 22, 23, 24, 100]) {
        const found = await pages(size);
        assert.equal(found.length, Math.ceil(23 / size), `pages of ${size}`);
        assert.deepEqual(found.flat().sort(), [...ids].sort());
      }
    } finally {
      items = itemsOf(store.client);
    }
  });

  it("go on after an item that was deleted meanwhile", async () => {
    const first = await items.list(1);
    await items.delete(first.items[0]?.id ?? "");
    const rest = await items.list(100, first.nextPageToken);
    assert.equal(rest.items.length, (await items.list(100)).items.length);
  });

  it("have 20 items a page when nobody says how many", async () => {
    await Promise.all(Array.from({ length: 21 }, () => items.create()));
    assert.equal((await items.list()).items.length, 20);
  });
});

describe("an export", () => {
  it("streams every item", async () => {
    const listed: string[] = [];
    for (let token = "", more = true; more; more = token !== "") {
      const page = await items.list(100, token);
      listed.push(...page.items.map(({ id }) => id));
      token = page.nextPageToken;
    }
    const streamed: string[] = [];
    for await (const { item } of store.client.exportItems({})) streamed.push(item.id);
    assert.deepEqual(streamed, listed);
  });
});

// The client ends its side at the deadline too, and whichever the store hears first is what it logs.
const ENDED = ["DEADLINE_EXCEEDED", "CANCELLED"];

describe("when nobody waits any more, the database is not asked any further:", () => {
  async function heldStore(owner: Owner): Promise<{ gate: Gate } & RunningStore> {
    const gate = await startGate(owner, database.port);
    const held = await startReadyStore(owner, { ...database.env, ...databaseEnv(gate.port) });
    // The first call takes longer: it connects, here and to the database.
    await assert.rejects(itemsOf(held.client).get("nothing"), { code: status.NOT_FOUND });
    gate.hold();
    return { gate, ...held };
  }

  it("a deadline that passes is DEADLINE_EXCEEDED and ends the call of the database", async (t) => {
    const { gate, client, service } = await heldStore(t);
    const closed = gate.closed();
    const answer = itemsOf(client).get("a", { deadline: Date.now() + 2_000 });
    await Promise.all([gate.held(), assert.rejects(answer, { code: status.DEADLINE_EXCEEDED })]);
    await closed;
    await service.line((line) => line.method === "GetItem" && ENDED.includes(String(line.code)));
  });

  it("a call that is cancelled is CANCELLED and ends the call of the database", async (t) => {
    const { gate, client, service } = await heldStore(t);
    const closed = gate.closed();
    const started = Promise.withResolvers<ClientUnaryCall>();
    const answer = ask(client.getItem.bind(client), { id: "a" }, {}, started.resolve);
    const call = await started.promise;
    await gate.held();
    call.cancel();
    await assert.rejects(answer, { code: status.CANCELLED });
    await closed;
    await service.line((line) => line.method === "GetItem" && line.code === "CANCELLED");
  });

  it("a stream that is cancelled ends the call of the database", async (t) => {
    const { gate, client, service } = await heldStore(t);
    const closed = gate.closed();
    const stream = client.exportItems({}).on("error", () => {});
    await gate.held();
    stream.cancel();
    await closed;
    await service.line((line) => line.method === "ExportItems" && line.code === "CANCELLED");
  });
});
