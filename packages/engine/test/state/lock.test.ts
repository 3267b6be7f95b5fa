import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { lockStateDir, readEngineRecord } from "../../src/state/lock.ts";
import { identifyProcess, isAlive } from "../../src/state/process-identity.ts";

describe("a state folder's lock", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-lock-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("tells others who holds it and where the status API is, until it is released", async () => {
    const lock = await lockStateDir(folder);
    await assert.rejects(lockStateDir(folder), { code: "ENGINE_RUNNING", hint: /perch down/ });
    await lock.announce("http://127.0.0.1:1");
    assert.deepEqual(
      [(await readEngineRecord(folder))?.pid, (await readEngineRecord(folder))?.statusUrl],
      [process.pid, "http://127.0.0.1:1"],
    );
    await lock.release();
    assert.equal(await readEngineRecord(folder), undefined);
  });

  it("is taken over from an engine that crashed, also when its number was given to another process", async () => {
    const stranger = { pid: process.pid, startTime: "long ago" };
    await writeFile(join(folder, "engine.json"), JSON.stringify(stranger));
    const lock = await lockStateDir(folder);
    await lock.release();
  });

  it("is taken over where its file is not readable as one", async () => {
    await writeFile(join(folder, "engine.json"), "{ half");
    const lock = await lockStateDir(folder);
    await lock.release();
  });
});

describe("a process identity", () => {
  it("is that of one process, not of its number", async () => {
    const self = await identifyProcess(process.pid);
    assert.ok(self !== undefined && (await isAlive(self)));
    assert.equal(await isAlive({ ...self, startTime: "0" }), false);
    assert.equal(await identifyProcess(2 ** 22 + 1), undefined);
  });
});
