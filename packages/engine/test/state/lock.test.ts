import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
    await lock.announce({ statusUrl: "http://127.0.0.1:1", stopTimeout: 90_000 });
    assert.deepEqual(
      { ...(await readEngineRecord(folder)), startTime: "" },
      { pid: process.pid, startTime: "", statusUrl: "http://127.0.0.1:1", stopTimeout: 90_000 },
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

describe("several engines that start at the same moment", () => {
  for (const [what, before] of [
    ["on a new folder", undefined],
    ["after a crash", JSON.stringify({ pid: process.pid, startTime: "long ago" })],
  ] as const) {
    it(`${what}: exactly one gets the state folder, and the others do not take its record away`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "perch-lock-"));
      for (let round = 0; round < 20; round += 1) {
        if (before !== undefined) await writeFile(join(folder, "engine.json"), before);
        const claims = await Promise.allSettled(Array.from({ length: 8 }, () => lockStateDir(folder)));
        const holders = claims.flatMap((claim) => (claim.status === "fulfilled" ? [claim.value] : []));
        assert.equal(holders.length, 1);
        assert.equal((await readEngineRecord(folder))?.pid, process.pid);
        await holders[0]?.release();
      }
      assert.deepEqual(await readdir(folder), []);
      await rm(folder, { recursive: true, force: true });
    });
  }

  it("an engine that lost the folder leaves the record of the one that has it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "perch-lock-"));
    const lock = await lockStateDir(folder);
    const other = JSON.stringify({ pid: process.pid, startTime: "another" });
    await writeFile(join(folder, "engine.json"), other);
    await lock.release();
    assert.equal(await readFile(join(folder, "engine.json"), "utf8"), other);
    await rm(folder, { recursive: true, force: true });
  });
});
