import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressOf, backend, edge, send, startBackend, tableOf } from "./harness.ts";

interface Seen {
  readonly service: string;
  readonly pr?: number;
  readonly failed: boolean;
}

describe("what the HTTP router measures", () => {
  it("is each request once, by the variant that served it or should have, but what has never served yet", async (t) => {
    const stable = await backend(t, (_request, response) => response.end("stable"));
    const failing = await backend(t, (_request, response) => response.writeHead(500).end());
    const gone = await startBackend(() => {});
    const dead = addressOf(gone.server);
    await gone.close();
    const canaries = { 1: { address: failing.address }, 2: { state: "failed" }, 3: { address: dead } };
    const early = { 4: { state: "building", isComing: true } } as const;
    const seen: Seen[] = [];
    const durations: number[] = [];
    const { port } = await edge(
      t,
      tableOf({ api: { stable: stable.address, canaries: { ...canaries, ...early }, prefix: "/api" } }),
      {
        observe: (variant, milliseconds, failed) => {
          seen.push({ ...variant, failed });
          durations.push(milliseconds);
        },
      },
    );
    for (const selector of ["", "1", "4", "2", "3"]) {
      await send(port, { path: "/api/x", headers: selector === "" ? {} : { "x-canary": selector } });
    }
    await send(port, { path: "/elsewhere" });
    assert.deepEqual(seen, [
      { service: "api", failed: false },
      { service: "api", pr: 1, failed: true },
      { service: "api", pr: 2, failed: true },
      { service: "api", pr: 3, failed: true },
    ]);
    assert.ok(durations.every((milliseconds) => milliseconds >= 0));
  });

  it("is a stream from its beginning, however long it goes on", async (t) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const stream = await backend(t, (_request, response) => void response.write("first"));
    const { port } = await edge(t, tableOf({ api: { stable: stream.address, prefix: "/" } }), {
      observe: ({ service }) => resolve(service),
    });
    const abort = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: abort.signal });
    assert.equal(await promise, "api");
    abort.abort();
    await assert.rejects(response.text());
  });
});
