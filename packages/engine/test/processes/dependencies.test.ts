import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { PerchError, type Variant } from "@perch/core";
import { type Dependencies, openDependencies } from "../../src/processes/dependencies/index.ts";

const commit = "a".repeat(40);

/** What a package manager leaves behind: a package, its program, a scoped one, and a link to a workspace. */
async function installInto(worktree: string, says: string): Promise<void> {
  const modules = join(worktree, "node_modules");
  await mkdir(join(modules, "plain"), { recursive: true });
  await writeFile(join(modules, "plain", "index.js"), `module.exports = ${JSON.stringify(says)};`);
  await mkdir(join(modules, "@scope", "deep"), { recursive: true });
  await writeFile(join(modules, "@scope", "deep", "index.js"), "module.exports = require('plain');");
  await symlink("../../packages/own", join(modules, "@scope", "own"));
  await mkdir(join(modules, ".bin"));
  await symlink("../plain/index.js", join(modules, ".bin", "plain"));
  await mkdir(join(worktree, "services", "web", "node_modules", "nested"), { recursive: true });
  await writeFile(join(worktree, "services", "web", "node_modules", "nested", "index.js"), "");
}

describe("dependencies", () => {
  let folder: string;
  let dependencies: Dependencies;
  let installs: string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-dependencies-"));
    await mkdir(join(folder, "cache"));
    dependencies = openDependencies(join(folder, "cache"));
    installs = [];
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function worktree(name: string, lock: string | undefined): Promise<string> {
    const path = join(folder, name);
    await mkdir(join(path, "packages", "own"), { recursive: true });
    await mkdir(join(path, "services", "web"), { recursive: true });
    await writeFile(join(path, "packages", "own", "index.js"), `module.exports = ${JSON.stringify(name)};`);
    await writeFile(join(path, "package.json"), "{}");
    if (lock !== undefined) await writeFile(join(path, "package-lock.json"), lock);
    return path;
  }

  async function provide(variant: Variant, name: string, lock: string | undefined): Promise<string> {
    const path = await worktree(name, lock);
    await dependencies.provide({
      variant,
      worktree: path,
      commit,
      folder: join("services", "web"),
      command: "install",
      install: async (where) => {
        installs.push(`${name}:${where}`);
        await installInto(path, name);
      },
    });
    return path;
  }

  it("are installed where the lock file is, once", async () => {
    await provide({ service: "web" }, "stable", "one");
    await provide({ service: "web", pr: 1 }, "pr-1", "one");
    assert.deepEqual(installs, ["stable:."]);
  });

  it("are shared, while a workspace's link points into the worktree itself", async () => {
    const stable = join(folder, "stable");
    const canary = join(folder, "pr-1");
    const shared = join("node_modules", "plain", "index.js");
    assert.equal(await realpath(join(canary, shared)), await realpath(join(stable, shared)));
    assert.equal(
      await realpath(join(canary, "node_modules/@scope/own")),
      await realpath(join(canary, "packages/own")),
    );
    assert.match(await readFile(join(canary, "node_modules/@scope/own/index.js"), "utf8"), /pr-1/);
  });

  it("find each other, their programs and those of a nested folder", async () => {
    const canary = join(folder, "pr-1");
    assert.match(await readFile(join(canary, "node_modules/.bin/plain"), "utf8"), /stable/);
    assert.equal(await readFile(join(canary, "services/web/node_modules/nested/index.js"), "utf8"), "");
    const { createRequire } = await import("node:module");
    const load = createRequire(join(canary, "services", "web", "x.js"));
    assert.equal(load("@scope/deep"), "stable");
    assert.equal(load("@scope/own"), "pr-1");
  });

  it("of a pull request never reach stable or another pull request", async () => {
    installs = [];
    await provide({ service: "web", pr: 2 }, "pr-2", "two");
    await provide({ service: "web", pr: 3 }, "pr-3", "two");
    await provide({ service: "web" }, "stable-2", "two");
    assert.deepEqual(installs, ["pr-2:.", "pr-3:.", "stable-2:."]);
  });

  it("are installed again when the lock file differs", async () => {
    installs = [];
    await provide({ service: "web", pr: 1 }, "pr-1-next", "three");
    assert.deepEqual(installs, ["pr-1-next:."]);
  });

  it("are not cached where there is no lock file: the install runs in the service's folder", async () => {
    installs = [];
    await provide({ service: "web" }, "bare-1", undefined);
    await provide({ service: "web" }, "bare-2", undefined);
    assert.deepEqual(installs, ["bare-1:services/web", "bare-2:services/web"]);
  });

  it("are installed once by several that ask at the same moment", async () => {
    installs = [];
    await Promise.all(["a", "b", "c"].map((name) => provide({ service: "web" }, name, "four")));
    assert.equal(installs.length, 1);
  });

  it("are installed by the next in line when the first is closed in the middle of its install", async () => {
    const first = await worktree("closed", "seven");
    const begun = Promise.withResolvers<void>();
    const closing = Promise.withResolvers<void>();
    const closed = dependencies.provide({
      variant: { service: "web" },
      worktree: first,
      commit,
      folder: "services/web",
      command: "install",
      install: () => {
        begun.resolve();
        return closing.promise;
      },
    });
    await begun.promise;
    installs = [];
    const others = ["d", "e"].map((name) => provide({ service: "web" }, name, "seven"));
    await new Promise(setImmediate);
    closing.reject(new DOMException("This operation was aborted", "AbortError"));
    await assert.rejects(closed, { name: "AbortError" });
    await Promise.all(others);
    assert.equal(installs.length, 1);
  });

  it("fail for all that wait for them when the install itself fails", async () => {
    const failure = new PerchError({ code: "INSTALL_FAILED", message: "no", hint: "no", fault: "user" });
    let runs = 0;
    const request = async (name: string) => ({
      variant: { service: "web" },
      worktree: await worktree(name, "eight"),
      commit,
      folder: "services/web",
      command: "install",
      install: async () => {
        runs += 1;
        // Long enough for the others to have asked.
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        throw failure;
      },
    });
    const requests = await Promise.all(["f", "g", "h"].map(request));
    const outcomes = await Promise.allSettled(requests.map((one) => dependencies.provide(one)));
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason === failure),
      [true, true, true],
    );
    assert.equal(runs, 1);
  });

  it("are not remembered when the install failed", async () => {
    const path = await worktree("failing", "five");
    const request = {
      variant: { service: "web" },
      worktree: path,
      commit,
      folder: "services/web",
      command: "install",
    };
    const fails = { ...request, install: () => Promise.reject(new Error("no network")) };
    await assert.rejects(dependencies.provide(fails), /no network/);
    await dependencies.provide({ ...request, install: () => installInto(path, "second try") });
    assert.match(await readFile(join(path, "node_modules/plain/index.js"), "utf8"), /second try/);
  });

  it("of closed pull requests are forgotten, stable's are kept", async () => {
    await dependencies.retain([{ service: "web" }, { service: "web", pr: 2 }]);
    installs = [];
    await provide({ service: "web", pr: 2 }, "pr-2-again", "two");
    await provide({ service: "web" }, "stable-again", "one");
    assert.deepEqual(installs, []);
    await provide({ service: "web", pr: 3 }, "pr-3-again", "six");
    assert.deepEqual(installs, ["pr-3-again:."]);
  });

  it("do not follow a symbolic link that a commit put where modules belong", async () => {
    const outside = join(folder, "outside");
    await mkdir(outside);
    const path = await worktree("hostile", "one");
    await symlink(outside, join(path, "node_modules"));
    const request = {
      variant: { service: "web", pr: 9 },
      worktree: path,
      commit,
      folder: "services/web",
      command: "install",
    };
    await dependencies.provide({ ...request, install: () => Promise.resolve() });
    const { readdir } = await import("node:fs/promises");
    assert.deepEqual(await readdir(outside), []);
  });

  it("forgets what no instance has links to, after a while", async () => {
    const root = join(folder, "collected");
    const instances = join(root, "instances");
    const cache = join(root, "cache");
    await mkdir(cache, { recursive: true });
    const collected = openDependencies(cache);
    for (const id of ["old", "new"]) {
      const path = join("collected", "instances", id, "worktree");
      await collected.provide({
        variant: { service: "web" },
        worktree: await worktree(path, id),
        commit,
        folder: "services/web",
        command: "install",
        install: async () => installInto(join(folder, path), id),
      });
    }
    const entries = async () => (await readdir(join(cache, "stable"))).length;
    assert.equal(await entries(), 2);
    await collected.collect(instances, 0);
    assert.equal(await entries(), 2, "both are in use");
    await rm(join(instances, "old"), { recursive: true });
    await collected.collect(instances, 60_000);
    assert.equal(await entries(), 2, "it is too young");
    await mkdir(join(cache, "web-pr-1", "cache"), { recursive: true });
    await collected.collect(instances, 0);
    assert.equal(await entries(), 1);
    assert.deepEqual(
      await readdir(join(cache, "web-pr-1")),
      ["cache"],
      "it goes with its pull request alone",
    );
  });

  it("are whole or not there at any moment while they are forgotten: a crash may come", async () => {
    const root = join(folder, "forgotten");
    const entry = join(root, "cache", "stable", "key");
    const modules = join(entry, "node_modules");
    await mkdir(modules, { recursive: true });
    await mkdir(join(root, "instances"));
    const count = 500;
    for (let i = 0; i < count; i += 1) await writeFile(join(modules, `${i}.js`), "");
    let looks = 0;
    let isOver = false;
    const collecting = openDependencies(join(root, "cache"))
      .collect(join(root, "instances"), 0)
      .finally(() => {
        isOver = true;
      });
    while (!isOver) {
      if (existsSync(entry)) assert.equal(readdirSync(modules).length, count);
      looks += 1;
      await new Promise(setImmediate);
    }
    await collecting;
    assert.ok(looks > 3, `only ${looks} looks`);
    assert.deepEqual(readdirSync(join(root, "cache", "stable")), []);
  });
});
