import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import pino from "pino";
import { watchMemory } from "../../src/processes/memory-watch.ts";
import { OWNER } from "../../src/processes/strays.ts";

const QUOTA = { memory: 200 * 2 ** 20, cpu: 1, processes: 10 };
const isLinux = process.platform === "linux";

/** A process of an instance that takes so many MiB. */
function takes(t: TestContext, owner: string, mebibytes: number) {
  const script = `const taken = Buffer.alloc(${mebibytes} * 2 ** 20, 1); console.log("has"); setInterval(() => taken, 1000)`;
  const child = spawn(process.execPath, ["-e", script], { env: { ...process.env, [OWNER]: owner } });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

describe("a watch of memory", { skip: isLinux ? false : "only Linux shows which process is whose" }, () => {
  it("ends all processes of a canary that together have too much, tells it once, and leaves all others alone", async (t) => {
    const instances = await mkdtemp(join(tmpdir(), "perch-watched-"));
    const quotas = watchMemory({ instances, quota: QUOTA, logger: pino({ level: "silent" }) }, 50);
    t.after(async () => {
      await quotas.close();
      await rm(instances, { recursive: true });
    });
    for (const id of ["large", "small"]) assert.deepEqual(await quotas.of(id), []);
    // Nobody asked to hold stable.
    const stable = takes(t, join(instances, "stable"), 300);
    const small = takes(t, join(instances, "small"), 100);
    const one = takes(t, join(instances, "large"), 120);
    for (const { stdout } of [stable, small, one]) await once(stdout, "data");
    const ends = once(one, "exit");
    // It may be ended before it has it all.
    const endsToo = once(takes(t, join(instances, "large"), 120), "exit");
    assert.deepEqual([(await ends)[1], (await endsToo)[1]], ["SIGKILL", "SIGKILL"]);
    assert.deepEqual([stable.exitCode, stable.signalCode, small.signalCode], [null, null, null]);
    assert.deepEqual(
      [await quotas.ranOutOfMemory("large"), await quotas.ranOutOfMemory("large")],
      [true, false],
    );
    assert.equal(await quotas.ranOutOfMemory("small"), false);
  });
});
