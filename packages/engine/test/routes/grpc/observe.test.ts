import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import { startGrpcRouter } from "../../../src/routes/grpc/index.ts";
import { backend, dial, named, silent, tableOf } from "./harness.ts";

describe("what the gRPC router measures", () => {
  it("is each call once, by the variant that served it or should have, but what has never served yet", async (t) => {
    const stable = await named(t, "stable");
    const refusing = await backend(t, { Unary: (_call, answer) => answer({ code: status.INTERNAL }) });
    const missing = await backend(t, { Unary: (_call, answer) => answer({ code: status.NOT_FOUND }) });
    const seen: unknown[] = [];
    let next = Promise.withResolvers<void>();
    const table = tableOf({
      stable: stable.address,
      canaries: {
        1: refusing.address,
        2: missing.address,
        3: { state: "failed" },
        4: { state: "building", isComing: true },
      },
    });
    const router = await startGrpcRouter({
      listen: [{ host: "127.0.0.1", port: 0 }],
      service: "store",
      table: () => table,
      logger: silent,
      observe: (variant, milliseconds, failed) => {
        assert.ok(milliseconds >= 0);
        seen.push({ ...variant, failed });
        next.resolve();
      },
    });
    t.after(() => router.close(0));
    const client = dial(t, router.listening[0]?.port ?? 0);
    await client.select("4").catch(() => {});
    for (const selector of [undefined, "1", "2", "3"]) {
      next = Promise.withResolvers();
      await client.select(selector).catch(() => {});
      await next.promise;
    }
    assert.deepEqual(seen, [
      { service: "store", failed: false },
      { service: "store", pr: 1, failed: true },
      { service: "store", pr: 2, failed: false },
      { service: "store", pr: 3, failed: true },
    ]);
  });
});
