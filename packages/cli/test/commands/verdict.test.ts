import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inRepository, perchWith } from "./support.ts";

describe("perch verdict", () => {
  it("never prints the password that is in the address of a Prometheus", async () => {
    await inRepository(async (folder) => {
      for (const [address, code, said] of [
        [
          "http://me:secret@127.0.0.1:9/prom",
          1,
          /Prometheus at http:\/\/127\.0\.0\.1:9\/prom does not answer/,
        ],
        ["me:secret@prometheus.example.com", 2, /PERCH_PROMETHEUS_URL, is no URL/],
        ["ftp://me:secret@prometheus.example.com", 2, /PERCH_PROMETHEUS_URL, is no URL/],
      ] as const) {
        const run = await perchWith({ PERCH_PROMETHEUS_URL: address }, folder, "verdict");
        assert.deepEqual([run.code, run.stdout], [code, ""]);
        assert.match(run.stderr, said);
        assert.doesNotMatch(run.stderr, /secret/);
      }
    });
  });
});
