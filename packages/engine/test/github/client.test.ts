import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { it } from "node:test";
import { openGithub } from "../../src/github/index.ts";

it("asks the API at the given root, as the owner of the token", async () => {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url, authorization: request.headers.authorization });
    response.writeHead(200, { "content-type": "application/json" }).end("[]");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`;
  try {
    const { data } = await openGithub({ baseUrl, credentials: { token: "secret" } }).rest.pulls.list({
      owner: "acme",
      repo: "shop",
    });
    assert.deepEqual(data, []);
    assert.deepEqual(seen, [{ url: "/api/v3/repos/acme/shop/pulls", authorization: "token secret" }]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
