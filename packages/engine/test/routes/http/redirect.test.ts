import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { PerchError } from "@perch/core";
import { unlimited } from "../../../src/routes/client-limit.ts";
import { startRedirect } from "../../../src/routes/http/redirect.ts";
import { freePort, send, silent } from "./harness.ts";

async function redirect(t: TestContext, edgeUrl: string): Promise<number> {
  const port = await freePort();
  const isEdgeHost = (host: string) => /^(?:[^.]+\.)?dev\.example\.com$/.test(host);
  const started = await startRedirect([{ host: "127.0.0.1", port }], edgeUrl, unlimited(silent), isEdgeHost);
  t.after(() => started.close());
  return port;
}

describe("the redirect", () => {
  it("leads to the same path at the edge, and keeps the method", async (t) => {
    const port = await redirect(t, "https://dev.example.com");
    const { status, headers } = await send(port, { method: "POST", path: "/a?b=%20", body: "x" });
    assert.deepEqual([status, headers.location], [308, "https://dev.example.com/a?b=%20"]);
  });

  it("keeps share links, and leads nowhere but to the edge", async (t) => {
    const port = await redirect(t, "https://dev.example.com:8443");
    const location = async (host: string, path = "/") =>
      (await send(port, { path, headers: { Host: host } })).headers.location;
    assert.equal(await location("pr-7.dev.example.com:80"), "https://pr-7.dev.example.com:8443/");
    assert.equal(await location("evil.example"), "https://dev.example.com:8443/");
    assert.equal(
      await location("evil.example", "//evil.example/"),
      "https://dev.example.com:8443//evil.example/",
    );
    assert.equal(await location("evil.example", "http://evil.example/"), "https://dev.example.com:8443/");
  });

  it("says which port is taken", async (t) => {
    const port = await redirect(t, "https://dev.example.com");
    const listen = [{ host: "127.0.0.1", port }];
    const again = startRedirect(listen, "https://dev.example.com", unlimited(silent), () => false);
    await assert.rejects(again, (error) => error instanceof PerchError && error.code === "PORT_IN_USE");
  });
});
