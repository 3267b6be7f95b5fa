import assert from "node:assert/strict";
import { access, chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { removeFolder } from "../../src/state/state-dir.ts";
import { nestDeep } from "../support/deep.ts";
import { asSomebody, giveToSomebody } from "../support/somebody.ts";

describe("a folder that is removed", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "perch-remove-"));
    await giveToSomebody(root);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const exists = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );

  it("may hold folders without the right to write or to look into them, as Go's modules are", async () => {
    const folder = join(root, "instance");
    await asSomebody(async () => {
      const modules = join(folder, "home", "go", "pkg", "mod", "example.com@v1");
      await mkdir(modules, { recursive: true });
      await writeFile(join(modules, "go.mod"), "module example.com\n", { mode: 0o444 });
      await mkdir(join(folder, "closed", "inner"), { recursive: true });
      await chmod(modules, 0o555);
      await chmod(join(folder, "closed"), 0o000);
      await removeFolder(folder);
    });
    assert.equal(await exists(folder), false);
  });

  async function removesDeep(): Promise<void> {
    const folder = join(root, "instance");
    await asSomebody(async () => {
      await mkdir(folder);
      nestDeep(folder);
      await removeFolder(folder);
    });
    assert.equal(await exists(folder), false);
  }

  it("may be nested deeper than a path can be long, and be write-protected there", async () => {
    await removesDeep();
  });

  it("may be so where a relative folder is on PATH", async (t) => {
    const path = process.env.PATH;
    t.after(() => {
      process.env.PATH = path;
    });
    process.env.PATH = `node_modules/.bin:${path}`;
    await removesDeep();
  });

  it("leaves alone what a symbolic link in it leads to", async () => {
    const outside = join(root, "outside");
    const folder = join(root, "instance");
    await asSomebody(async () => {
      await mkdir(outside);
      await writeFile(join(outside, "file"), "");
      await mkdir(folder);
      await symlink(outside, join(folder, "link"));
      await mkdir(join(folder, "protected"));
      await writeFile(join(folder, "protected", "file"), "");
      for (const path of [outside, join(folder, "protected")]) await chmod(path, 0o555);
      await removeFolder(folder);
    });
    assert.equal(await exists(folder), false);
    assert.equal((await stat(outside)).mode & 0o777, 0o555);
    assert.equal(await exists(join(outside, "file")), true);
  });

  it("need not be there", async () => {
    await removeFolder(join(root, "nothing"));
  });
});
