import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const ROOT = join(import.meta.dirname, "..");

describe("the built page", () => {
  let folder: string;
  let page: string;
  let assets: string[];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-dashboard-build-"));
    await build({ root: ROOT, logLevel: "error", build: { outDir: folder, emptyOutDir: true } });
    page = await readFile(join(folder, "index.html"), "utf8");
    assets = await readdir(join(folder, "assets"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("has at most 100 KiB of script, gzipped, all chunks together", async () => {
    const scripts = assets.filter((name) => name.endsWith(".js"));
    const sizes = await Promise.all(
      scripts.map(async (name) => gzipSync(await readFile(join(folder, "assets", name))).length),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(scripts.length > 0 && total <= 100 * 1024, `${total} bytes`);
  });

  it("has one style sheet, no fonts, nothing inline that its policy would not run, and asks no other host", () => {
    assert.equal(assets.filter((name) => name.endsWith(".css")).length, 1);
    assert.deepEqual(
      assets.filter((name) => !/\.(js|css)$/.test(name)),
      [],
    );
    assert.ok(!/<script(?![^>]*\ssrc=)|<style| style=| on[a-z]+=/.test(page), page);
    for (const [, url = ""] of page.matchAll(/\s(?:src|href)="([^"]*)"/g))
      assert.match(url, /^(\.\/assets\/|data:)/);
  });

  it("has only names that the engine serves", () => {
    for (const name of assets) assert.match(name, /^[\w-]+(?:\.[\w-]+)+$/);
  });

  it("takes nothing but types from core, which brings a parser of YAML along", async () => {
    const files = await readdir(join(ROOT, "src"), { recursive: true });
    for (const name of files.filter((file) => /\.tsx?$/.test(file))) {
      const source = await readFile(join(ROOT, "src", name), "utf8");
      for (const [line] of source.matchAll(/^import .*"@perch\/core";$/gm))
        assert.match(line, /^import type /, name);
    }
  });

  it("asks the status API that it is built for, and is not built for what is none", async () => {
    assert.match(page, /name="perch-status-api" content=""/);
    const built = join(folder, "elsewhere");
    const run = (api: string) =>
      promisify(execFile)("npx", ["vite", "build", "--logLevel", "error", "--outDir", built], {
        cwd: ROOT,
        env: { ...process.env, PERCH_STATUS_API: api },
      });
    await run("https://perch.dev.example.com/perch");
    assert.match(
      await readFile(join(built, "index.html"), "utf8"),
      /name="perch-status-api" content="https:\/\/perch\.dev\.example\.com\/perch"/,
    );
    await assert.rejects(run('"><script>'), /PERCH_STATUS_API is/);
  });
});
