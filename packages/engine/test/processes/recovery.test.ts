import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { DesiredVariant } from "@perch/core";
import { recordBuilt, recordProcess } from "../../src/processes/process-record.ts";
import { recover } from "../../src/processes/recovery.ts";
import { OWNER } from "../../src/processes/strays.ts";
import { eventually, groupLives } from "../support/processes.ts";
import { asSomebody, giveToSomebody } from "../support/somebody.ts";

const desired: DesiredVariant = {
  variant: { service: "web", pr: 1 },
  repo: "acme/test",
  commit: "a".repeat(40),
  revision: "a".repeat(12),
};
const SLEEPER = "setInterval(() => {}, 1000)";

describe("after a crash of the engine", () => {
  let folder: string;
  const children: ChildProcess[] = [];
  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "perch-recovery-")));
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  async function runningChild(owner: string, script = SLEEPER): Promise<ChildProcess & { pid: number }> {
    const child = spawn(process.execPath, ["-e", script], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, [OWNER]: owner },
    });
    await once(child, "spawn");
    children.push(child);
    return child as ChildProcess & { pid: number };
  }

  async function instance(id: string): Promise<string> {
    const path = join(folder, id);
    await mkdir(join(path, "worktree"), { recursive: true });
    return path;
  }

  const recovered = (change: Partial<{ isCurrent: boolean; isReady: boolean }> = {}) =>
    recover(folder, {
      isCurrent: () => change.isCurrent ?? true,
      isReady: async () => change.isReady ?? true,
    });

  async function serving(id: string): Promise<ChildProcess & { pid: number }> {
    const path = await instance(id);
    const child = await runningChild(path);
    await recordBuilt(path, { desired, fingerprint: "f", asleep: false });
    await recordProcess(path, child.pid, "127.0.0.1:4000");
    return child;
  }

  it("what still serves goes on, with its address, as long as the next engine would run it alike", async () => {
    const child = await serving("web-canary-pr-1-aaa-1");
    const { survivors, ended } = await recovered();
    assert.equal(ended, 0);
    assert.deepEqual(
      survivors.map(({ id, process }) => [id, process?.pid, process?.address]),
      [["web-canary-pr-1-aaa-1", child.pid, "127.0.0.1:4000"]],
    );
    const exited = once(child, "exit");
    assert.deepEqual((await recovered({ isCurrent: false })).survivors, []);
    assert.deepEqual(await exited, [null, "SIGTERM"]);
    assert.deepEqual(await readdir(folder), []);
  });

  it("what does not answer is ended, and its build is kept", async () => {
    const child = await serving("web-canary-pr-1-aaa-2");
    const exited = once(child, "exit");
    const { survivors } = await recovered({ isReady: false });
    assert.deepEqual(await exited, [null, "SIGTERM"]);
    assert.deepEqual(
      survivors.map(({ id, process }) => [id, process]),
      [["web-canary-pr-1-aaa-2", undefined]],
    );
    await recovered({ isCurrent: false });
  });

  it("what was not yet built is ended, and its folder removed", async () => {
    const path = await instance("web-canary-pr-1-bbb-1");
    const child = await runningChild(path);
    await recordProcess(path, child.pid);
    const exited = once(child, "exit");
    assert.equal((await recovered()).ended, 1);
    assert.deepEqual(await exited, [null, "SIGTERM"]);
    assert.deepEqual(await readdir(folder), []);
  });

  it("children whose leader is dead already are ended too, also those in a group of their own", async () => {
    const path = await instance("web-canary-pr-1-ccc-1");
    const script = `
      const { spawn } = require("node:child_process");
      const start = (detached) => spawn(process.execPath, ["-e", ${JSON.stringify(SLEEPER)}], { detached, stdio: "ignore" }).pid;
      console.log(start(false), start(true));
      ${SLEEPER}`;
    const leader = await runningChild(path, script);
    const [line] = (await once(leader.stdout ?? leader, "data")) as [Buffer];
    const [, ownGroup = 0] = line.toString().trim().split(" ").map(Number);
    await recordProcess(path, leader.pid);
    const exited = once(leader, "exit");
    leader.kill("SIGKILL");
    await exited;
    assert.equal(groupLives(leader.pid), true, "a child of it runs on");
    assert.ok((await recovered()).ended > 0);
    for (const group of [leader.pid, ownGroup])
      await eventually(async () => assert.equal(groupLives(group), false));
  });

  it("a process is left alone that only has the number of one that was left", async () => {
    const child = await runningChild("elsewhere");
    const path = await instance("web-abc-2");
    await writeFile(join(path, "process.json"), JSON.stringify({ pid: child.pid, startTime: "1" }));
    assert.equal((await recovered()).ended, 0);
    assert.equal(child.exitCode, null);
    process.kill(child.pid, 0);
  });

  it("a record that was half written stops nothing", async () => {
    const path = await instance("web-abc-3");
    await writeFile(join(path, "process.json"), '{"pid":');
    await writeFile(join(path, "built.json"), "null");
    assert.equal((await recovered()).ended, 0);
    assert.deepEqual(await readdir(folder), []);
  });

  it("a folder that cannot be removed stops nothing: it is told, and what can go on does", async () => {
    const instances = join(folder, "protected");
    const [kept, gone] = ["web-canary-pr-1-eee-1", "web-canary-pr-1-eee-2"];
    for (const id of [kept, gone]) await mkdir(join(instances, id, "worktree"), { recursive: true });
    await recordBuilt(join(instances, kept), { desired, fingerprint: "f", asleep: true });
    for (const path of [folder, instances]) await giveToSomebody(path);
    await chmod(instances, 0o555);
    await asSomebody(async () => {
      const { survivors, stuck } = await recover(instances, {
        isCurrent: () => true,
        isReady: async () => true,
      });
      assert.deepEqual([survivors.map(({ id }) => id), [...stuck.keys()]], [[kept], [gone]]);
    });
    await chmod(instances, 0o755);
    await rm(instances, { recursive: true });
  });

  it("a build of an earlier boot is not trusted: a power cut may have taken half of it", async () => {
    const path = await instance("web-canary-pr-1-ddd-1");
    await recordBuilt(path, { desired, fingerprint: "f", asleep: true });
    assert.equal((await recovered()).survivors.length, 1);
    await writeFile(
      join(path, "built.json"),
      JSON.stringify({ desired, fingerprint: "f", asleep: true, boot: "another" }),
    );
    assert.deepEqual((await recovered()).survivors, []);
  });

  it("what answers only at the second try goes on: an engine that starts is slow to hear the first answer", async () => {
    const child = await serving("web-canary-pr-1-aaa-3");
    let asked = 0;
    const { survivors, ended } = await recover(folder, {
      isCurrent: () => true,
      isReady: async () => {
        asked += 1;
        // As long as a probe waits for an answer.
        if (asked === 1) await new Promise((resolve) => setTimeout(resolve, 1_000));
        return asked > 1;
      },
    });
    assert.deepEqual([survivors[0]?.process?.pid, ended], [child.pid, 0]);
    await recovered({ isCurrent: false });
  });
});
