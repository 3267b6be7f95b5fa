import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { type LocalReasons, type LocalResidue, localResidue } from "@perch/core";
import { localInventory } from "@perch/engine/state";
import { startTestEngine, type TestEngine } from "./support/engine.ts";
import { REPO, startGithubEngine, startTestGithub } from "./support/github.ts";
import { eventually } from "./support/processes.ts";
import { behaviour, makeRepository } from "./support/repository.ts";

/** What `perch residue` finds while the engine runs. */
async function residueOf({ engine, stateDir }: TestEngine): Promise<LocalResidue[]> {
  const response = await fetch(`${engine.statusUrl}/api/reasons`);
  const written = (await response.json()) as Record<keyof LocalReasons, string[]>;
  const inventory = await localInventory(stateDir);
  return localResidue(inventory, {
    instances: new Set(written.instances),
    dependencies: new Set(written.dependencies),
    mirrors: new Set(written.mirrors),
    pullRequests: new Set(written.pullRequests),
  });
}

/** All that the mirrors of a state folder keep for pull requests. */
async function refsIn({ stateDir }: TestEngine): Promise<string[]> {
  return (await localInventory(stateDir)).refs.map(({ ref }) => ref);
}

const PERCH = join(import.meta.dirname, "..", "..", "cli", "bin", "perch.js");

/** What the command itself says; it fails with any other exit code than 0. */
async function perchResidue(stateDir: string): Promise<string> {
  const args = [PERCH, "residue", "--state-dir", stateDir];
  return (await promisify(execFile)(process.execPath, args)).stdout.trim();
}

describe("a hundred pull requests that open and close", () => {
  it("leave nothing behind: no process, folder, worktree, mirror ref or dependency", async () => {
    const repository = await makeRepository();
    const test = await startTestEngine(repository);
    await test.engine.settled();
    let before: number[] = [];
    for (const first of [1, 35, 68]) {
      const open = Array.from({ length: first === 1 ? 34 : 33 }, (_, index) => first + index);
      await repository.pushMany(open, before, behaviour({ says: "many" }));
      await test.until(`PRs from ${first} are ready`, ({ services }) => {
        const canaries = services[0]?.canaries ?? [];
        return (
          canaries.length === open.length &&
          canaries.every(({ pr, state }) => pr && pr >= first && state === "ready")
        );
      });
      const refs = open.map((number) => `refs/perch/pull/${number}`);
      await eventually(async () => assert.deepEqual((await refsIn(test)).sort(), refs.sort()));
      before = open;
    }
    await repository.pushMany([], before, {});
    await test.until("all are closed", ({ services }) => services[0]?.canaries.length === 0);
    await eventually(async () => assert.deepEqual(await residueOf(test), []));
    await eventually(async () => {
      const left = await localInventory(test.stateDir);
      assert.deepEqual([left.instances.length, left.worktrees.length, left.refs], [1, 1, []]);
    });
    assert.equal(await perchResidue(test.stateDir), "Nothing is left.");
    await test.engine.close();
    assert.equal(await perchResidue(test.stateDir), "Nothing is left.");
    await test.close();
    await repository.remove();
  });
});

describe("a fork's pull request that somebody vouched for", () => {
  it("leaves no ref of its head and of who vouched when it closes", async (t) => {
    const github = await startTestGithub();
    t.after(() => github.close());
    await github.control.permission(REPO, "maintainer", "write");
    const test = await startGithubEngine(github);
    t.after(() => test.close());
    const number = await github.open(behaviour({ says: "fork" }), { fork: "someone/test", labels: [] });
    await github.control.label(REPO, number, "canary");
    await test.untilState(`web-canary-pr-${number}`, "ready");
    const refs = await eventually(async () => {
      const found = await refsIn(test);
      assert.equal(found.length, 2, found.join());
      return found.join();
    });
    assert.match(refs, new RegExp(`refs/perch/pull/${number},refs/perch/vouched/${number}/`));
    assert.deepEqual(await residueOf(test), []);
    await github.control.close(REPO, number);
    await test.until("it is closed", ({ services }) => services[0]?.canaries.length === 0);
    await eventually(async () => assert.deepEqual([await refsIn(test), await residueOf(test)], [[], []]));
  });
});

describe("what is left in a state folder", () => {
  it("is found: folders, mirrors, refs and half-written files that nobody wants", async () => {
    const repository = await makeRepository();
    const test = await startTestEngine(repository);
    await test.engine.settled();
    assert.deepEqual(await residueOf(test), []);
    await mkdir(join(test.stateDir, "instances", "web-canary-pr-9-abc-1"));
    await mkdir(join(test.stateDir, "git", "acme--gone.git"));
    await writeFile(join(test.stateDir, "ports.json.1.partial"), "");
    await writeFile(join(test.stateDir, "engine.json.takeover"), "{");
    const mirror = join(test.stateDir, "git", "acme--test.git");
    for (const ref of ["refs/perch/pull/9", "refs/perch/vouched/9/1"])
      execFileSync("git", ["update-ref", ref, "refs/perch/stable"], { cwd: mirror });
    const found = await residueOf(test);
    assert.deepEqual(
      found.map(({ kind, name }) => [kind, name]),
      [
        ["instance", "instances/web-canary-pr-9-abc-1"],
        ["mirror", "git/acme--gone.git"],
        ["ref", "git/acme--test.git refs/perch/pull/9"],
        ["ref", "git/acme--test.git refs/perch/vouched/9/1"],
        ["file", "ports.json.1.partial"],
        ["file", "engine.json.takeover"],
      ],
    );
    await test.close();
    await repository.remove();
  });
});

describe("a canary whose folder cannot be removed", () => {
  const skip = process.geteuid?.() === 0 ? false : "only root can mount something in it";
  it("is tried again while the engine runs, and nothing is left", { skip }, async (t) => {
    const repository = await makeRepository();
    t.after(() => repository.remove());
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    const test = await startTestEngine(repository);
    t.after(() => test.close());
    await test.untilState("web-canary-pr-1", "ready");
    const id = (await readdir(join(test.stateDir, "instances"))).find((name) => name.includes("-pr-1-"));
    const mount = join(test.stateDir, "instances", id ?? "", "held");
    await mkdir(mount);
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", mount]);
    try {
      await repository.closePullRequest(1);
      await test.until("it is closed", ({ services }) => services[0]?.canaries.length === 0);
      await eventually(async () =>
        assert.deepEqual(
          (await residueOf(test)).map(({ name }) => name),
          [`instances/${id}`],
        ),
      );
    } finally {
      execFileSync("umount", [mount]);
    }
    for (let tries = 0; (await residueOf(test)).length > 0; tries += 1) {
      assert.ok(tries < 150, "it is still there");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
});
