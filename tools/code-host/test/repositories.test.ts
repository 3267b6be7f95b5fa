import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { repositoriesIn } from "@perch/code-host";
import { execa } from "execa";

it("a repository that many ask for at once is made once, and is whole for each of them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "perch-repositories-"));
  const paths = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const path = await repositoriesIn(folder).ensure("acme/shop");
      const { stdout } = await execa("git", ["--git-dir", path, "symbolic-ref", "HEAD"]);
      assert.equal(stdout, "refs/heads/main");
      return path;
    }),
  );
  assert.deepEqual(new Set(paths), new Set([join(folder, "acme", "shop.git")]));
  assert.deepEqual(await readdir(join(folder, "acme")), ["shop.git"]);
  await rm(folder, { recursive: true });
});
