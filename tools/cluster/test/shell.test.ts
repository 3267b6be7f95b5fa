import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { execa } from "execa";

const FOLDER = join(import.meta.dirname, "..");

const entries = await readdir(FOLDER, { recursive: true });
const scripts = entries.filter((path) => path.endsWith(".sh") && !path.includes("node_modules"));

describe("the shell recipes", () => {
  it("are there to be checked", () => {
    assert.ok(
      scripts.includes(join("shell", "clean.sh")) && scripts.includes(join("parts", "kube", "build.sh")),
    );
  });

  for (const script of scripts)
    it(`${script} parses, and stops at what is not set`, async () => {
      const text = await readFile(join(FOLDER, script), "utf8");
      const shell = text.startsWith("#!/bin/sh\n") ? "sh" : "bash";
      await execa(shell, ["-n", join(FOLDER, script)]);
      // a wrapper of one line has no variables of its own
      if (shell === "bash") assert.match(text, /^set -[a-z]*u/m);
    });

  it("remove nothing where the bed's folder is not named", async () => {
    const { exitCode, stderr } = await execa("bash", [join(FOLDER, "shell", "clean.sh")], {
      env: { STATE: "", RUNTIME: "", NETWORK: "", BED: "", NODES: "" },
      reject: false,
    });
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /STATE/);
  });
});
