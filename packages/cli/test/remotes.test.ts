import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Config, parseConfig } from "@perch/core";
import { resolveRemotes } from "../src/remotes.ts";

function configOf(...repos: string[]): Config {
  const services = repos.map(
    (repo, i) => `  s${i}: { repo: ${repo}, path: s${i}, protocol: http, local: { start: x } }`,
  );
  const result = parseConfig(`apiVersion: perch.dev/v1\nproject: x\nservices:\n${services.join("\n")}\n`);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

describe("the remotes of a config", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-remotes-"));
    execFileSync("git", ["init", "--quiet", folder]);
    execFileSync("git", ["remote", "add", "origin", "git@example.com:acme/shop.git"], { cwd: folder });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const of = async (config: Config, ...flags: string[]) => [...(await resolveRemotes(config, flags, folder))];

  it("come from origin where there is one repository", async () => {
    assert.deepEqual(await of(configOf("other/name")), [["other/name", "git@example.com:acme/shop.git"]]);
  });

  it("take origin for the repository whose name it ends in, among several", async () => {
    assert.deepEqual(await of(configOf("acme/store", "acme/shop")), [
      ["acme/shop", "git@example.com:acme/shop.git"],
    ]);
  });

  it("take origin's path from the top of the repository, wherever perch.yaml is", async () => {
    const top = await mkdtemp(join(tmpdir(), "perch-remotes-"));
    try {
      execFileSync("git", ["init", "--quiet", top]);
      execFileSync("git", ["remote", "add", "origin", "../origin.git"], { cwd: top });
      await mkdir(join(top, "shop"));
      const [remote] = (await resolveRemotes(configOf("acme/shop"), [], join(top, "shop"))).values();
      assert.equal(remote, join(await realpath(tmpdir()), "origin.git"));
    } finally {
      await rm(top, { recursive: true });
    }
  });

  it("prefer a flag, and make a path absolute, but leave a URL as it is", async () => {
    assert.deepEqual(await of(configOf("acme/shop"), "../x.git"), [["acme/shop", resolve("../x.git")]]);
    for (const url of ["https://h/x.git", "git@h:x.git", "ssh://h/x", "file:///x"]) {
      assert.deepEqual(await of(configOf("acme/shop"), url), [["acme/shop", url]]);
    }
  });

  it("name each repository where there are several", async () => {
    const remotes = await of(configOf("acme/api", "acme/store"), "acme/api=/a", "acme/store=/b");
    assert.deepEqual(remotes, [
      ["acme/api", "/a"],
      ["acme/store", "/b"],
    ]);
    await assert.rejects(resolveRemotes(configOf("acme/api", "acme/store"), ["/a"], folder), {
      code: "USAGE",
    });
  });
});
