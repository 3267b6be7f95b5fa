import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { describe, it, type TestContext } from "node:test";
import { environment } from "../../src/processes/environment.ts";
import { endStrays, OWNER, ownedProcesses, ownerOf } from "../../src/processes/strays.ts";
import { refuseProc } from "../support/refused-proc.ts";

const isLinux = process.platform === "linux";
const KIB = 1024;

describe("processes by their mark", { skip: isLinux ? false : "only Linux shows it" }, () => {
  async function sleeper(
    t: TestContext,
    env: Record<string, string>,
  ): Promise<ChildProcess & { pid: number }> {
    const child = spawn("/bin/sleep", ["1000"], { env, stdio: "ignore" });
    t.after(() => child.kill("SIGKILL"));
    await once(child, "spawn");
    return child as ChildProcess & { pid: number };
  }
  /** Variables of 64 KiB each, which the kernel takes up to twice that size. */
  const filled = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`FILL_${i}`, "x".repeat(64 * KIB)]));

  it("are found by the beginning of an environment alone, however large it is", async (t) => {
    const folder = "/perch-strays/large";
    const own = environment({ PATH: process.env.PATH }, folder, { ...filled(20), [OWNER]: "/another" });
    assert.equal(Object.keys(own)[0], OWNER);
    const { pid } = await sleeper(t, own);
    assert.deepEqual(await ownedProcesses(folder), [{ pid, owner: folder }]);
    const behind = await sleeper(t, { ...filled(1), [OWNER]: folder });
    assert.equal(await ownerOf(behind.pid), undefined, "no more than that is read");
  });

  it("are nobody's where the mark is cut off", async (t) => {
    const before = `FILL=${"x".repeat(64 * KIB - 100)}`;
    const path = `/perch-strays/${"long".repeat(100)}`;
    const { pid } = await sleeper(t, { FILL: before.slice("FILL=".length), [OWNER]: path });
    assert.equal(await ownerOf(pid), undefined);
  });

  it("are looked at a few at a time, however many there are", async (t) => {
    const folder = "/perch-strays/many";
    for (let i = 0; i < 30; i += 1) await sleeper(t, { [OWNER]: folder });
    const most = mostAtOnce(t);
    assert.equal((await ownedProcesses(folder)).length, 30);
    assert.ok(most() > 0 && most() <= 8, `${most()} at once`);
  });

  it("are not said to be gone where they cannot be seen, and are found by the next look", async (t) => {
    const folder = "/perch-strays/unseen";
    const child = await sleeper(t, { [OWNER]: folder });
    const end = refuseProc(t);
    await assert.rejects(endStrays(folder), { code: "EMFILE" });
    end();
    const exit = once(child, "exit");
    assert.equal(await endStrays(folder), 1);
    assert.deepEqual(await exit, [null, "SIGTERM"]);
  });
});

/** How many environments were being read at once, by whichever function. */
function mostAtOnce(t: TestContext): () => number {
  let now = 0;
  let most = 0;
  for (const name of ["open", "readFile"] as const) {
    const original = fs[name].bind(fs) as (...args: unknown[]) => Promise<unknown>;
    t.mock.method(fs, name, (async (...args: unknown[]) => {
      if (!/^\/proc\/\d+\/environ$/.test(String(args[0]))) return original(...args);
      now += 1;
      most = Math.max(most, now);
      return original(...args).finally(() => {
        now -= 1;
      });
    }) as never);
  }
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  return () => most;
}
