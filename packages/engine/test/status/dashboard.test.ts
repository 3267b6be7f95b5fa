import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import Fastify, { type FastifyInstance } from "fastify";
import { request } from "undici";
import { serveDashboard } from "../../src/status/dashboard.ts";

describe("the dashboard's files", () => {
  let folder: string;
  let app: FastifyInstance;
  let url: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-dashboard-"));
    app = Fastify();
    serveDashboard(app, [join(folder, "absent"), join(folder, "dist")]);
    url = await app.listen({ host: "127.0.0.1", port: 0 });
  });
  after(async () => {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  });

  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await request(url + path, { headers });
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  };

  it("where they are not built, the page says how to build them", async () => {
    const { status, text } = await get("/");
    assert.equal(status, 200);
    assert.match(text, /npm run build --workspace apps\/dashboard/);
  });

  it("are served under a policy that runs only the page's own scripts and lets nobody frame it", async () => {
    await build();
    const { headers, text } = await get("/");
    assert.equal(text, "<!doctype html>built");
    const policy = String(headers["content-security-policy"]);
    for (const part of [
      "default-src 'none'",
      "script-src 'self';",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      assert.ok(policy.includes(part), part);
    assert.ok(!/unsafe|\*/.test(policy));
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["x-frame-options"], "DENY");
  });

  it("are asked for again only when they changed: the page by its tag, assets never", async () => {
    await build();
    const { headers } = await get("/");
    const again = await get("/", { "if-none-match": String(headers.etag) });
    assert.deepEqual([again.status, again.text], [304, ""]);
    const asset = await get("/assets/index-abc_-1.js");
    assert.deepEqual([asset.status, asset.text], [200, "run()"]);
    assert.match(String(asset.headers["content-type"]), /^text\/javascript/);
    assert.match(String(asset.headers["cache-control"]), /immutable/);
    assert.equal(asset.headers["x-content-type-options"], "nosniff");
  });

  it("are all that can be read: no other folder, and no other kind of file", async () => {
    await build();
    for (const path of [
      "/assets/absent-1.js",
      "/assets/secret.txt",
      "/assets/..%2Findex.html",
      "/assets/..%2f..%2fsecret.js",
      "/assets/%2e%2e%2fsecret.js",
      "/assets/.hidden.js",
      "/secret.js",
    ])
      assert.equal((await get(path)).status, 404, path);
  });

  async function build(): Promise<void> {
    await mkdir(join(folder, "dist", "assets"), { recursive: true });
    await writeFile(join(folder, "dist", "index.html"), "<!doctype html>built");
    await writeFile(join(folder, "dist", "assets", "index-abc_-1.js"), "run()");
    for (const path of ["dist/assets/secret.txt", "dist/secret.js", "secret.js", "dist/assets/.hidden.js"])
      await writeFile(join(folder, path), "secret");
  }
});
