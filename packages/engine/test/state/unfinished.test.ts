import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { localInventory } from "@perch/engine/state";
import { nestDeep } from "../support/deep.ts";
import { startTestEngine } from "../support/engine.ts";
import { eventually } from "../support/processes.ts";
import { makeRepository, type TestRepository } from "../support/repository.ts";

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

describe("what a crash left unfinished in a state folder", () => {
  let repository: TestRepository;
  let stateDir: string;
  before(async () => {
    repository = await makeRepository();
    stateDir = await mkdtemp(join(tmpdir(), "perch-state-"));
    await mkdir(join(stateDir, "dependencies"));
  });
  after(async () => {
    await rm(stateDir, { recursive: true, force: true });
    await repository.remove();
  });

  it("is found, and gone after the next start, however it is nested; what a living process has is not", async () => {
    const dead = JSON.stringify({ pid: process.pid, startTime: "long ago" });
    await writeFile(join(stateDir, "engine.json.0b2f"), "{ half");
    await writeFile(join(stateDir, "engine.json.1c3d"), dead);
    await writeFile(join(stateDir, "engine.json.takeover"), dead);
    await writeFile(join(stateDir, "ports.json.1.partial"), "");
    await mkdir(join(stateDir, "perch-sandbox.1.partial", "inside"), { recursive: true });
    const cache = join(stateDir, "dependencies", "web-pr-7.1.partial");
    await mkdir(cache);
    nestDeep(cache);
    const expected = [
      "engine.json.0b2f",
      "engine.json.1c3d",
      "engine.json.takeover",
      "perch-sandbox.1.partial",
      "ports.json.1.partial",
    ];
    assert.deepEqual([...(await localInventory(stateDir)).partial].sort(), expected);
    const test = await startTestEngine(repository, { stateDir });
    await test.engine.settled();
    assert.deepEqual((await localInventory(stateDir)).partial, []);
    assert.equal(await isThere(cache), false);
    await test.engine.close();
    const names = await readdir(stateDir);
    assert.deepEqual(
      names.filter((name) => name.startsWith("engine.json")),
      [],
    );
  });

  it("is left alone by a second engine, which does not get the folder: it may be the first one's", async () => {
    const test = await startTestEngine(repository, { stateDir });
    await test.engine.settled();
    const files = ["activity.json.1.partial", join("dependencies", "stable.1.partial")];
    for (const file of files) await writeFile(join(stateDir, file), "");
    await assert.rejects(startTestEngine(repository, { stateDir }), { code: "ENGINE_RUNNING" });
    for (const file of files) assert.equal(await isThere(join(stateDir, file)), true, file);
    await test.engine.close();
  });

  const skip = process.geteuid?.() === 0 ? false : "only root can mount something in it";
  it("keeps no engine from starting where it cannot be removed, and goes once it can", { skip }, async () => {
    const held = [
      join(stateDir, "perch-sandbox.2.partial"),
      join(stateDir, "dependencies", "web-pr-8.1.partial"),
    ];
    for (const path of held) {
      await mkdir(join(path, "mount"), { recursive: true });
      execFileSync("mount", ["-t", "tmpfs", "tmpfs", join(path, "mount")]);
    }
    try {
      const test = await startTestEngine(repository, { stateDir });
      await test.engine.settled();
      for (const path of held) execFileSync("umount", [join(path, "mount")]);
      const [, cache = ""] = held;
      for (let tries = 0; await isThere(cache); tries += 1) {
        assert.ok(tries < 150, "it is still there");
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      await test.engine.close();
    } finally {
      for (const path of held)
        execFileSync("sh", ["-c", 'umount "$1" 2>/dev/null || true', "sh", join(path, "mount")]);
    }
    const next = await startTestEngine(repository, { stateDir });
    await next.engine.settled();
    await eventually(async () => assert.deepEqual((await localInventory(stateDir)).partial, []));
    await next.engine.close();
  });
});
