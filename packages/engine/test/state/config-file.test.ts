import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { watchConfig } from "../../src/state/config-file.ts";

describe("a perch.yaml that the engine has read", () => {
  it("is told to be another, saved in place or replaced or gone, until it is as it was read", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "perch-config-"));
    const path = join(folder, "perch.yaml");
    await writeFile(path, "as read");
    let told = Promise.withResolvers<void>();
    const watch = watchConfig({ path, text: "as read" }, () => told.resolve(), 10);
    t.after(async () => {
      watch.close();
      await rm(folder, { recursive: true });
    });
    /** The problem's code once a change has been told. */
    const after = async (change: Promise<void>) => {
      told = Promise.withResolvers();
      await change;
      await told.promise;
      return watch.problem()?.code;
    };
    assert.equal(watch.problem(), undefined);
    assert.equal(await after(writeFile(path, "another one")), "CONFIG_CHANGED");
    await writeFile(join(folder, "new"), "as read");
    assert.equal(await after(rename(join(folder, "new"), path)), undefined);
    assert.equal(await after(rm(path)), "CONFIG_CHANGED");
    assert.equal(await after(writeFile(path, "as read")), undefined);
  });

  it("is told to be another that changed before the first look", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "perch-config-"));
    const path = join(folder, "perch.yaml");
    await writeFile(path, "changed since");
    const told = Promise.withResolvers<void>();
    const watch = watchConfig({ path, text: "as read" }, told.resolve, 3_600_000);
    t.after(async () => {
      watch.close();
      await rm(folder, { recursive: true });
    });
    await told.promise;
    assert.equal(watch.problem()?.code, "CONFIG_CHANGED");
  });
});
