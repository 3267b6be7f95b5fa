import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type LocalReasons, type LocalResidue, localResidue } from "@perch/core";
import { localInventory } from "@perch/engine/state";
import { startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
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
  });
}

describe("a hundred pull requests that open and close", () => {
  it("leave nothing behind: no process, folder, worktree, mirror ref or dependency", async () => {
    const yaml = WEB_CONFIG.replace("readyTimeout: 10s", "readyTimeout: 60s");
    const repository = await makeRepository();
    const test = await startTestEngine(repository, {}, yaml);
    await test.engine.settled();
    let before: number[] = [];
    for (const first of [1, 35, 68]) {
      const open = Array.from({ length: first === 1 ? 34 : 33 }, (_, index) => first + index);
      await repository.pushMany(open, before, behaviour({ says: "many" }));
      await test.until(
        `PRs from ${first} are ready`,
        ({ services }) => {
          const canaries = services[0]?.canaries ?? [];
          return (
            canaries.length === open.length &&
            canaries.every(({ pr, state }) => pr && pr >= first && state === "ready")
          );
        },
        90_000,
      );
      before = open;
    }
    await repository.pushMany([], before, {});
    await test.until("all are closed", ({ services }) => services[0]?.canaries.length === 0);
    await eventually(async () => assert.deepEqual(await residueOf(test), []));
    await eventually(async () => {
      const left = await localInventory(test.stateDir);
      assert.deepEqual([left.instances.length, left.worktrees.length], [1, 1]);
    });
    await test.engine.close();
    assert.deepEqual(localResidue(await localInventory(test.stateDir), undefined), []);
    await test.close();
    await repository.remove();
  });
});

describe("what is left in a state folder", () => {
  it("is found: folders, mirrors and half-written files that nobody wants", async () => {
    const repository = await makeRepository();
    const test = await startTestEngine(repository);
    await test.engine.settled();
    assert.deepEqual(await residueOf(test), []);
    await mkdir(join(test.stateDir, "instances", "web-canary-pr-9-abc-1"));
    await mkdir(join(test.stateDir, "git", "acme--gone.git"));
    await writeFile(join(test.stateDir, "ports.json.1.partial"), "");
    const found = await residueOf(test);
    assert.deepEqual(
      found.map(({ kind, name }) => [kind, name]),
      [
        ["instance", "instances/web-canary-pr-9-abc-1"],
        ["mirror", "git/acme--gone.git"],
        ["file", "ports.json.1.partial"],
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
