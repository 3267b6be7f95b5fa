import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { backend, metadata, named, route, tableOf } from "./harness.ts";
import { frame, rawClient, request, sendRaw } from "./raw.ts";

describe("a call", () => {
  it("goes to the canary that its selector asks for, and to stable otherwise", async (t) => {
    const [stable, canary, other] = await Promise.all(
      ["stable", "canary 7", "canary 8"].map((n) => named(t, n)),
    );
    const { client } = await route(
      t,
      tableOf({
        stable: stable?.address ?? "",
        canaries: { 7: canary?.address ?? "", 8: other?.address ?? "" },
      }),
    );
    const expected: [selector: string | undefined, served: string][] = [
      [undefined, "stable"],
      ["7", "canary 7"],
      ["8", "canary 8"],
      ["9", "stable"],
      ["store=7", "canary 7"],
      ["api=8,store=7", "canary 7"],
      ["api=7", "stable"],
      ["store=9", "stable"],
      ["07", "stable"],
      ["7,store=8", "stable"],
      ["store=7,store=8", "stable"],
      ["7;drop", "stable"],
    ];
    const served = await Promise.all(expected.map(([selector]) => client.select(selector)));
    assert.deepEqual(
      served,
      expected.map(([, name]) => name),
    );
  });

  it("counts equal selector lines once, and lines that differ as no selector", async (t) => {
    const [stable, canary] = await Promise.all(["stable", "canary"].map((n) => named(t, n)));
    const { port } = await route(
      t,
      tableOf({ stable: stable?.address ?? "", canaries: { 7: canary?.address ?? "" } }),
    );
    const session = await rawClient(t, port);
    const served = async (...lines: string[]) => (await sendRaw(session, request(...lines))).body;
    assert.deepEqual(await served("x-canary", "7", "x-canary", "7"), frame("canary"));
    assert.deepEqual(await served("x-canary", "7", "x-canary", "8"), frame("stable"));
    assert.deepEqual(await served("x-canary", "7", "x-other", "1", "x-canary", ""), frame("stable"));
  });

  it("sees one table: a stream goes on where it began when the table changes", async (t) => {
    const echo = (name: string) =>
      backend(t, {
        Bidi: (call) =>
          call.on("data", (m) => call.write(Buffer.from(`${name} ${m}`))).on("end", () => call.end()),
      });
    const [old, next] = await Promise.all([echo("old"), echo("next")]);
    let table = tableOf({ stable: old.address });
    const { client } = await route(t, () => table);
    const first = client.bidi();
    first.write(Buffer.from("1"));
    assert.equal(String((await once(first, "data"))[0]), "old 1");
    table = tableOf({ stable: next.address });
    const second = client.bidi();
    second.write(Buffer.from("2"));
    first.write(Buffer.from("3"));
    const [[two], [three]] = await Promise.all([once(second, "data"), once(first, "data")]);
    assert.deepEqual([String(two), String(three)], ["next 2", "old 3"]);
    first.end();
    second.end();
    first.resume();
    second.resume();
    await Promise.all([once(first, "end"), once(second, "end")]);
  });
});

describe("a selector of one call", () => {
  it("does not reach another call of the same connection", async (t) => {
    const echo = (name: string) =>
      backend(t, {
        Unary: (call, answer) => answer(null, Buffer.from(`${name} ${call.metadata.get("x-canary")}`)),
      });
    const [stable, canary] = await Promise.all([echo("stable"), echo("canary")]);
    const { client } = await route(t, tableOf({ stable: stable.address, canaries: { 7: canary.address } }));
    const calls = Array.from({ length: 300 }, async (_, n) => {
      const selector = ["7", "9", undefined][n % 3];
      const body = await client.unary("", metadata(selector === undefined ? {} : { "x-canary": selector }));
      assert.equal(String(body), ["canary 7", "stable 9", "stable "][n % 3]);
    });
    await Promise.all(calls);
  });
});
