import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { promisify } from "node:util";
import { accessOfPage, accessOfTarget } from "../../src/rules/access.ts";
import { type Entry, readZip } from "./zip.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const OUTPUT = join(ROOT, ".output");
const run = promisify(execFile);

describe("the zip for a store", () => {
  let entries: Map<string, Entry["content"]>;
  let manifest: Manifest;
  before(async () => {
    await run("npm", ["run", "--silent", "build"], { cwd: ROOT });
    const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
    const zip = readZip(await readFile(join(OUTPUT, `perch-extension-${version}-chrome.zip`)));
    entries = new Map(zip.map(({ name, content }) => [name, content]));
    manifest = JSON.parse(text("manifest.json"));
  });

  it("keeps to a store's limits: version 3, the lengths of its texts, icons of their sizes", () => {
    assert.equal(manifest.manifest_version, 3);
    assert.match(manifest.version, /^\d+(\.\d+){0,3}$/);
    assert.ok(manifest.name.length <= 75 && manifest.short_name.length <= 12);
    assert.ok(manifest.description.length <= 132);
    for (const [size, name] of Object.entries(manifest.icons)) {
      const png = entries.get(name);
      assert.equal(png?.toString("latin1", 1, 4), "PNG", name);
      assert.deepEqual([png?.readUInt32BE(16), png?.readUInt32BE(20)], [Number(size), Number(size)], name);
    }
    assert.ok("128" in manifest.icons);
  });

  it("asks for nothing more than its README and the store's listing explain", async () => {
    assert.deepEqual(manifest.host_permissions, undefined);
    assert.deepEqual(manifest.permissions, [
      "activeTab",
      "declarativeNetRequestWithHostAccess",
      "storage",
      "webRequest",
    ]);
    for (const file of ["README.md", "store/listing.md"]) {
      const said = await readFile(join(ROOT, file), "utf8");
      for (const permission of manifest.permissions)
        assert.match(said, new RegExp(`\\| .?${permission}`), file);
    }
  });

  it("may ask for every access that it asks for: browsers refuse a pattern that no one of the manifest's holds", () => {
    const asked = [...accessOfTarget("localhost:8080"), ...accessOfPage("https://shop.example.com")];
    const schemes = manifest.optional_host_permissions.map(
      (pattern) => /^(\S+):\/\/\*\/\*$/.exec(pattern)?.[1],
    );
    for (const pattern of asked) assert.ok(schemes.includes(pattern.split("://", 1)[0]), pattern);
  });

  it("has every file that it names, and runs no code that is not in it", () => {
    const pages = [...entries.keys()].filter((name) => name.endsWith(".html"));
    assert.deepEqual(pages.sort(), ["devtools.html", "options.html", "panel.html", "popup.html"]);
    for (const page of pages) {
      assert.ok(!/<script(?![^>]*\ssrc=)|<style| style=| on[a-z]+=/.test(text(page)), page);
      for (const [, url = ""] of text(page).matchAll(/\s(?:src|href)="([^"]*)"/g))
        assert.ok(entries.has(url.replace(/^\//, "")), `${page}: ${url}`);
    }
    for (const name of [...entries.keys()].filter((one) => one.endsWith(".js")))
      assert.ok(!/\beval\(|new Function\(|importScripts|import\(["'`]http/.test(text(name)), name);
    const policy = manifest.content_security_policy.extension_pages;
    assert.match(policy, /default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|data:|blob:|\*/);
    assert.ok(entries.has(manifest.storage.managed_schema));
  });

  it("is the tested build but for the hosts that a test cannot be asked about", async () => {
    const env = { ...process.env, PERCH_EXTENSION_FOLDER: "chrome-mv3-compared", PERCH_EXTENSION_TEST: "1" };
    await run("npx", ["wxt", "build"], { cwd: ROOT, env });
    const tested = join(OUTPUT, "chrome-mv3-compared");
    const { host_permissions, ...others } = JSON.parse(await readFile(join(tested, "manifest.json"), "utf8"));
    assert.deepEqual(others, manifest);
    for (const pattern of host_permissions)
      assert.match(pattern, /^[a-z*]+:\/\/(127\.0\.0\.1|localhost)\/\*$/);
    for (const [name, content] of entries) {
      if (name !== "manifest.json") assert.deepEqual(await readFile(join(tested, name)), content, name);
    }
  });

  function text(name: string): string {
    const content = entries.get(name);
    assert.ok(content, `${name} is not in the zip: ${[...entries.keys()].join(", ")}`);
    return content.toString("utf8");
  }
});

interface Manifest {
  readonly manifest_version: number;
  readonly version: string;
  readonly name: string;
  readonly short_name: string;
  readonly description: string;
  readonly icons: Readonly<Record<string, string>>;
  readonly permissions: readonly string[];
  readonly host_permissions?: readonly string[];
  readonly optional_host_permissions: readonly string[];
  readonly content_security_policy: { readonly extension_pages: string };
  readonly storage: { readonly managed_schema: string };
}
