import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { PerchError } from "@perch/core";
import { type Layout, layoutOf } from "../src/bed/layout.ts";
import { endProcess, ensureProcess, isRunning, type ProcessSpec, within } from "../src/bed/process.ts";

let layout: Layout;

before(async () => {
  layout = layoutOf(await mkdtemp(join(tmpdir(), "perch-processes-")));
  await mkdir(layout.records, { recursive: true });
});
after(() => rm(layout.state, { recursive: true }));

/** A process that is ready once it has written a file. */
function spec(name: string, script: string, readyWithinSeconds = 20): ProcessSpec {
  return {
    name,
    network: undefined,
    command: ["sh", "-c", script],
    ready: ["test", "-e", join(layout.state, `${name}.ready`)],
    readyWithinSeconds,
  };
}

const pidOf = async (name: string) => (await readFile(join(layout.records, name), "utf8")).split(" ")[0];

describe("a process of the bed", () => {
  it("is started once, kept while it runs, and ended for good", async () => {
    const one = spec("kept", "touch kept.ready; exec sleep 600");
    await ensureProcess(layout, one);
    const pid = await pidOf("kept");
    await ensureProcess(layout, one);
    assert.equal(await pidOf("kept"), pid);
    await endProcess(layout, "kept");
    assert.equal(await isRunning(layout, "kept"), false);
    await endProcess(layout, "kept");
  });

  it("that ignores SIGTERM is killed after the grace", async () => {
    await ensureProcess(layout, spec("deaf", "trap '' TERM; touch deaf.ready; while :; do sleep 1; done"));
    await endProcess(layout, "deaf", 50);
    assert.equal(await isRunning(layout, "deaf"), false);
  });

  it("carries the bed's name in its environment, by which what it starts is found", async () => {
    await ensureProcess(layout, spec("marked", 'echo "$PERCH_BED" > marked.ready; exec sleep 600'));
    assert.equal(await readFile(join(layout.state, "marked.ready"), "utf8"), `${layout.bed}\n`);
    await endProcess(layout, "marked");
  });

  it("that ends before it is ready is reported with the end of its log", async () => {
    await assert.rejects(ensureProcess(layout, spec("broken", "echo no such flag; exit 1")), (error) => {
      assert.equal((error as PerchError).code, "EXITED");
      assert.match((error as PerchError).message, /no such flag/);
      return true;
    });
  });

  it("that is not ready in time is reported, and stays to be looked at", async () => {
    await assert.rejects(ensureProcess(layout, spec("slow", "exec sleep 600", 0)), { code: "START_TIMEOUT" });
    assert.equal(await isRunning(layout, "slow"), true);
    await endProcess(layout, "slow");
  });

  it("is not taken for another one that got its number later", async () => {
    await writeFile(join(layout.records, "other"), `${process.pid} 1\n`);
    assert.equal(await isRunning(layout, "other"), false);
    await endProcess(layout, "other");
  });
});

describe("within", () => {
  it("joins a network by nsenter, and leaves a command for the host as it is", () => {
    assert.deepEqual(within("bed", ["curl", "x"]), ["nsenter", "--net=/run/netns/bed", "curl", "x"]);
    assert.deepEqual(within(undefined, ["curl", "x"]), ["curl", "x"]);
  });
});
