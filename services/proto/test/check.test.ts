import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";

const PACKAGE = join(import.meta.dirname, "..");

/** Runs the check in a folder; buf comes from the repository's own packages. */
function check(folder: string) {
  const programs = join(PACKAGE, "..", "..", "node_modules", ".bin");
  const env = { ...process.env, PATH: `${programs}:${process.env.PATH}` };
  return spawnSync(process.execPath, [join(folder, "scripts", "check.ts")], { env, encoding: "utf8" });
}

it("the committed code is what the proto files generate", () => {
  const { status, stderr } = check(PACKAGE);
  assert.equal(status, 0, stderr);
});

it("a proto file that changed without its code is noticed, and the message says what to run", (t) => {
  const copy = mkdtempSync(join(tmpdir(), "proto-drift-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(PACKAGE, copy, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const proto = join(copy, "proto", "store", "v1", "store.proto");
  writeFileSync(proto, readFileSync(proto, "utf8").replace("string description = 3;", "string details = 3;"));
  const { status, stderr } = check(copy);
  assert.equal(status, 1);
  assert.match(stderr, /npm run generate --workspace services\/proto/);
});
