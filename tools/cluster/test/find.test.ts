import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findTool } from "../src/parts/find.ts";
import type { Tool } from "../src/parts/parts.ts";

const tool: Tool = { name: "kube-apiserver", version: "1.34.4", versionArgs: ["--version"] };
let folder = "";

/** A program of that name which says that version. */
async function program(where: string, version: string): Promise<string> {
  const file = join(folder, where, tool.name);
  await mkdir(join(folder, where), { recursive: true });
  await writeFile(file, `#!/bin/sh\n[ "$1" = --version ] && echo "Kubernetes v${version}"\n`);
  await chmod(file, 0o755);
  return file;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "perch-tools-"));
});
after(async () => {
  await rm(folder, { recursive: true });
});

describe("findTool", () => {
  it("takes a tool on PATH of the same major and minor version", async () => {
    const path = await program("fitting", "1.34.9");
    assert.deepEqual(await findTool(tool, { PATH: join(folder, "fitting") }), { path, origin: "PATH" });
  });

  it("passes over another version on PATH, and goes on looking", async () => {
    await program("newer", "1.35.0");
    const path = await program("older-first", "1.34.0");
    const both = `${join(folder, "newer")}:${join(folder, "older-first")}`;
    assert.equal(await findTool(tool, { PATH: join(folder, "newer") }), undefined);
    assert.deepEqual(await findTool(tool, { PATH: both }), { path, origin: "PATH" });
  });

  it("takes what a variable names before all else, whatever its version", async () => {
    const path = await program("named", "1.99.0");
    const fitting = await program("on-path", "1.34.4");
    const environment = { PATH: join(fitting, ".."), PERCH_KUBE_APISERVER: path };
    assert.deepEqual(await findTool(tool, environment), { path, origin: "environment" });
  });

  it("takes what is in the folder that PERCH_BIN names", async () => {
    const path = await program("bin", "1.99.0");
    assert.deepEqual(await findTool(tool, { PATH: "", PERCH_BIN: join(folder, "bin") }), {
      path,
      origin: "environment",
    });
  });

  it("refuses a variable that names a file which cannot be run", async () => {
    await assert.rejects(findTool(tool, { PERCH_KUBE_APISERVER: join(folder, "none") }), /cannot be run/);
  });
});
