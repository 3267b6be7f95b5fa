import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { recordProcess, sweep } from "../../src/processes/process-record.ts";

describe("after a crash of the engine", () => {
  let folder: string;
  const children: ChildProcess[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-sweep-"));
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  async function runningChild(): Promise<ChildProcess & { pid: number }> {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      detached: true,
      stdio: "ignore",
    });
    await once(child, "spawn");
    children.push(child);
    return child as ChildProcess & { pid: number };
  }

  it("the next one ends what was left running, and removes its folders", async () => {
    const child = await runningChild();
    const instance = join(folder, "web-canary-pr-1-abc-1");
    await mkdir(join(instance, "worktree"), { recursive: true });
    await recordProcess(instance, child.pid);
    const exited = once(child, "exit");
    assert.equal(await sweep(folder), 1);
    assert.deepEqual(await exited, [null, "SIGTERM"]);
    assert.deepEqual(await readdir(folder), []);
  });

  it("it leaves a process alone that only has the number of one that was left", async () => {
    const child = await runningChild();
    const instance = join(folder, "web-abc-2");
    await mkdir(instance);
    await writeFile(join(instance, "process.json"), JSON.stringify({ pid: child.pid, startTime: "1" }));
    assert.equal(await sweep(folder), 0);
    assert.equal(child.exitCode, null);
    process.kill(child.pid, 0);
  });

  it("it is not stopped by a record that was half written", async () => {
    await mkdir(join(folder, "web-abc-3"));
    await writeFile(join(folder, "web-abc-3", "process.json"), '{"pid":');
    assert.equal(await sweep(folder), 0);
    assert.deepEqual(await readdir(folder), []);
  });
});
