import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeDemoRepository } from "@perch/tools/demo";
import { execa } from "execa";

const ROOT = join(import.meta.dirname, "..", "..");

describe("the demo repository", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-demo-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const make = (name: string, reset = false, checkout = ROOT) =>
    makeDemoRepository({ checkout, origin: join(folder, name), reset });
  const heads = async (name: string) =>
    (await execa("git", ["for-each-ref", "--format=%(refname)", "refs/pull"], { cwd: join(folder, name) }))
      .stdout;

  it("has two pull requests; closed ones stay closed until they are asked for", async () => {
    assert.equal((await make("one")).made, true);
    assert.equal(await heads("one"), "refs/pull/1/head\nrefs/pull/2/head");
    await execa("git", ["update-ref", "-d", "refs/pull/1/head"], { cwd: join(folder, "one") });
    assert.equal((await make("one")).made, false);
    assert.equal(await heads("one"), "refs/pull/2/head");
    assert.equal((await make("one", true)).made, true);
    assert.equal(await heads("one"), "refs/pull/1/head\nrefs/pull/2/head");
    assert.deepEqual(
      (await readdir(join(folder, "one"))).filter((name) => name.includes("index")),
      [],
    );
  });

  it("says which pull request the checkout's own changes are in the way of", async () => {
    const checkout = join(folder, "changed");
    await execa("git", ["init", "--quiet", checkout]);
    await assert.rejects(make("two", false, checkout), {
      name: "DemoError",
      message: /^Pull request 1 of the demo .* does not apply\.$/,
    });
  });
});
