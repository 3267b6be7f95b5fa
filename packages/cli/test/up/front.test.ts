import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { PerchError } from "@perch/core";
import type { UpFlags } from "../../src/commands/up.ts";
import { frontOptions } from "../../src/up/front.ts";

const FLAGS: UpFlags = {
  remote: [],
  stable: "remote",
  host: [],
  edgePort: 8080,
  statusPort: 8090,
  drain: 1,
  wake: 1,
  try: "/",
  logLevel: "info",
};

describe("the flags of the edge's front", () => {
  it("are nothing unless they are given", () => {
    assert.deepEqual(frontOptions(FLAGS), {});
  });

  it("name files from here", () => {
    const { tls, redirectPort } = frontOptions({
      ...FLAGS,
      tlsCert: "a.pem",
      tlsKey: "/b.pem",
      redirectPort: 80,
    });
    assert.deepEqual([tls, redirectPort], [{ cert: resolve("a.pem"), key: "/b.pem" }, 80]);
  });

  it("are refused where one needs another", () => {
    for (const half of [{ tlsCert: "a.pem" }, { tlsKey: "b.pem" }, { redirectPort: 80 }])
      assert.throws(
        () => frontOptions({ ...FLAGS, ...half }),
        (error) => error instanceof PerchError && error.code === "USAGE" && error.hint.includes("--tls-"),
      );
  });
});
