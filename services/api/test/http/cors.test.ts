import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { send, startApi } from "../support/shop.ts";

const ORIGIN = "https://shop.example.com";

function preflight(url: string, origin: string) {
  const headers = {
    origin,
    "access-control-request-method": "PUT",
    "access-control-request-headers": "content-type,if-match,x-canary",
  };
  return send(`${url}/api/items/a`, { method: "OPTIONS", headers });
}

describe("a page of another origin", () => {
  it("may send X-Canary, and may read who served", async (t) => {
    const { url } = await startApi(t, {});
    const { status, headers } = await preflight(url, ORIGIN);
    assert.equal(status, 204);
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.match(headers.get("access-control-allow-methods") ?? "", /PUT.*DELETE/);
    for (const name of ["Content-Type", "If-Match", "X-Canary"]) {
      assert.ok(headers.get("access-control-allow-headers")?.split(", ").includes(name), name);
    }
    const answer = await send(`${url}/nothing`, { headers: { origin: ORIGIN, "x-canary": "7" } });
    for (const name of ["ETag", "X-Canary-Echo", "X-Canary-Trail"]) {
      assert.ok(answer.headers.get("access-control-expose-headers")?.split(", ").includes(name), name);
    }
    assert.equal(answer.headers.get("x-canary-echo"), "7");
  });

  it("may do so only from the origins that CORS_ORIGINS names, if it names any", async (t) => {
    const { url } = await startApi(t, { CORS_ORIGINS: `${ORIGIN}, http://localhost:5173` });
    const allowed = await preflight(url, ORIGIN);
    assert.equal(allowed.headers.get("access-control-allow-origin"), ORIGIN);
    assert.match(allowed.headers.get("vary") ?? "", /Origin/);
    assert.match(allowed.headers.get("vary") ?? "", /X-Canary/);
    const refused = await preflight(url, "https://evil.example.com");
    assert.equal(refused.headers.get("access-control-allow-origin"), null);
  });
});
