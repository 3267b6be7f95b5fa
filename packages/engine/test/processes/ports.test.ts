import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reservePort } from "../../src/processes/ports.ts";

const HOST = "127.0.0.1";

describe("a port that is reserved", () => {
  it("is given to nobody else until it is released, although nobody listens on it yet", async () => {
    const { port, release } = await reservePort(HOST);
    const other = await reservePort(HOST, port);
    assert.notEqual(other.port, port);
    release();
    const again = await reservePort(HOST, port);
    assert.equal(again.port, port);
    for (const one of [other, again]) one.release();
  });

  it("is another one for each of many at once", async () => {
    const all = await Promise.all(Array.from({ length: 300 }, () => reservePort(HOST)));
    assert.equal(new Set(all.map(({ port }) => port)).size, all.length);
    for (const { release } of all) release();
  });
});
