import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openEngineLog, rotate } from "../../src/up/engine-log.ts";

describe("the engine's own log", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-engine-log-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("begins anew when it is too long, keeps the part before, and is written to all the while", async () => {
    const logger = await openEngineLog(folder, "info");
    const path = join(folder, "engine.log");
    logger.info("first");
    await rotate(path, 1_000_000);
    assert.match(await readFile(path, "utf8"), /first/, "it is short enough");
    await rotate(path, 10);
    logger.info("second");
    assert.match(await readFile(`${path}.1`, "utf8"), /first/);
    assert.match(await readFile(path, "utf8"), /^\{.*second/);
  });

  it("keeps the last long part only", async () => {
    const path = join(folder, "engine.out");
    for (const text of ["one ".repeat(10), "two ".repeat(10)]) {
      await writeFile(path, text);
      await rotate(path, 10);
    }
    assert.match(await readFile(`${path}.1`, "utf8"), /^two/);
    assert.equal(await readFile(path, "utf8"), "");
  });
});
