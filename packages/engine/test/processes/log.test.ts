import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openLog, tailLog } from "../../src/processes/log.ts";

describe("an instance's log", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-log-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("begins anew when it is too long, while a child goes on writing to it", async () => {
    const path = join(folder, "flood");
    const log = await openLog(path, 10_000, 10);
    const script =
      "for (let i = 0; i < 2000; i++) console.log('x'.repeat(100)); setTimeout(() => console.log('last words'), 300)";
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", log.fd, log.fd] });
    await once(child, "exit");
    while ((await stat(path)).size > 10_000) await sleep(10);
    const text = await readFile(path, "utf8");
    // The child may write between the cut and the note.
    assert.match(
      text,
      /^\[perch\] cut: it was over 10000 bytes long; the end of what was before is in flood\.1$/m,
    );
    assert.equal(text.includes("\0"), false, "no hole where the old text was");
    await log.note("still open");
    assert.match(await readFile(path, "utf8"), /still open\n$/);
    await log.close();
    assert.equal((await stat(`${path}.1`)).size, 10_000, "the end of what was before is kept");
  });

  it("stays short however fast a child writes", async () => {
    const path = join(folder, "fast");
    const log = await openLog(path, 1_000_000, 10);
    const child = spawn("yes", ["x".repeat(1_000)], { stdio: ["ignore", log.fd, log.fd] });
    await sleep(1_000);
    child.kill("SIGKILL");
    await once(child, "exit");
    await log.close();
    assert.ok((await stat(`${path}.1`)).size <= 1_000_000);
    const again = await openLog(path, 1_000_000, 10);
    while ((await stat(path)).size > 1_000_000) await sleep(10);
    await again.close();
    assert.ok((await stat(`${path}.1`)).size <= 1_000_000);
  });

  it("begins anew also while a child truncates it all the time", async () => {
    const path = join(folder, "truncated");
    const log = await openLog(path, 1_000_000, 5);
    const script = `
      const { ftruncateSync, writeSync } = require("node:fs");
      const until = Date.now() + 700;
      while (Date.now() < until) { writeSync(1, "x".repeat(2_000_000)); ftruncateSync(1, 10); }`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", log.fd, log.fd] });
    await once(child, "exit");
    await log.note("still here");
    await log.close();
    assert.match(await readFile(path, "utf8"), /still here\n$/);
  });

  it("has as many last lines as are asked for, none included", async () => {
    const path = join(folder, "lines");
    await writeFile(path, "one\ntwo\n");
    await appendFile(path, "three, not ended");
    const end = { end: "one\ntwo\nthree, not ended".length, isWhole: false };
    assert.deepEqual(await tailLog(path, 2), { lines: ["two", "three, not ended"], ...end });
    assert.deepEqual(await tailLog(path, 0), { lines: [], ...end });
    await appendFile(path, "\n");
    assert.deepEqual(await tailLog(path, 1), {
      lines: ["three, not ended"],
      end: end.end + 1,
      isWhole: true,
    });
    assert.deepEqual(await tailLog(join(folder, "nothing"), 5), { lines: [], end: 0, isWhole: true });
  });
});
