import assert from "node:assert/strict";
import { access, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { DesiredVariant, ProcessSpec } from "@perch/core";
import { pino } from "pino";
import { buildQueue } from "../../src/processes/build-queue.ts";
import { openDependencies } from "../../src/processes/dependencies/index.ts";
import { launchInstance } from "../../src/processes/instance.ts";
import { openPlaces } from "../../src/processes/places.ts";
import { NO_QUOTAS } from "../../src/processes/quotas.ts";
import type { InstanceParts, RunningInstance } from "../../src/processes/running-instance.ts";
import { limitsOnly } from "../../src/processes/sandbox.ts";
import { eventually, groupLives } from "../support/processes.ts";
import { refuseProc } from "../support/refused-proc.ts";

const desired: DesiredVariant = {
  variant: { service: "web", pr: 1 },
  repo: "acme/test",
  commit: "a".repeat(40),
  revision: "a".repeat(12),
};

/** Serves, does nothing about SIGTERM, and leaves a process in a group of its own. */
const SERVICE = `
const { spawn } = require("node:child_process");
process.on("SIGTERM", () => undefined);
const stray = spawn("/bin/sleep", ["1000"], { detached: true, stdio: "ignore" });
require("node:fs").writeFileSync("stray", String(stray.pid));
require("node:http").createServer((_, response) => response.end()).listen(process.env.PORT, "127.0.0.1");
`;

const spec = (port: number): ProcessSpec => ({
  folder: "",
  install: undefined,
  build: undefined,
  start: `exec "${process.execPath}" service.cjs`,
  env: { PORT: String(port) },
  ready: { kind: "http", path: "/" },
  buildTimeout: 10_000,
  readyTimeout: 10_000,
  // Longer than it takes until the group is looked at closely.
  stopTimeout: 1_300,
});

describe("an instance, while the system does not show its processes", {
  skip: process.platform === "linux" ? false : "only Linux shows them ever",
}, () => {
  let folder: string;
  const rejected: unknown[] = [];
  const unhandled = (error: unknown) => rejected.push(error);
  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "perch-instance-")));
    process.on("unhandledRejection", unhandled);
  });
  after(async () => {
    process.off("unhandledRejection", unhandled);
    await rm(folder, { recursive: true, force: true });
  });

  const places = openPlaces(1);
  /** Waits for ever when no place is free, and the test with it. */
  const isPlaceFree = async () => (await places.take("another", "acme/test#2", AbortSignal.timeout(5_000)))();

  function launch(id: string): RunningInstance {
    const parts: InstanceParts = {
      checkout: {
        isOwn: true,
        add: async (_commit, worktree) => {
          await mkdir(worktree, { recursive: true });
          await writeFile(join(worktree, "service.cjs"), SERVICE);
          return [];
        },
        remove: (worktree) => rm(worktree, { recursive: true, force: true }),
      },
      dependencies: openDependencies(join(folder, "dependencies")),
      cache: join(folder, "cache"),
      builds: buildQueue(2),
      places,
      logger: pino({ level: "silent" }),
      engineEnv: { PATH: process.env.PATH },
      sandbox: limitsOnly(),
      quotas: NO_QUOTAS,
      specFor: spec,
      fingerprint: "f",
      release: async () => undefined,
      onChange: () => undefined,
    };
    return launchInstance(id, join(folder, id), desired, parts);
  }

  async function ready(instance: RunningInstance): Promise<{ pid: number; stray: number }> {
    await eventually(async () => assert.equal(instance.snapshot().state, "ready"));
    const { id, pid = 0 } = instance.snapshot();
    return { pid, stray: Number(await readFile(join(folder, id, "worktree", "stray"), "utf8")) };
  }

  it("ends with its removal all the same, gives its place back, and the next try ends and removes the rest", async (t) => {
    const instance = launch("removed-1");
    const { pid, stray } = await ready(instance);
    const end = refuseProc(t);
    await assert.rejects(instance.remove(), { code: "EMFILE" });
    assert.equal(groupLives(pid), false);
    await isPlaceFree();
    assert.equal(groupLives(stray), true, "what left the group could not be found");
    await assert.rejects(instance.clear(), { code: "EMFILE" });
    end();
    await instance.clear();
    assert.equal(groupLives(stray), false);
    await assert.rejects(access(join(folder, "removed-1")));
  });

  it("falls asleep, wakes, fails and starts again; none of its promises rejects unheard", async (t) => {
    const instance = launch("sleeps-1");
    const first = await ready(instance);
    const end = refuseProc(t);
    instance.sleep();
    await eventually(async () => assert.equal(groupLives(first.pid), false));
    await isPlaceFree();
    instance.wake();
    const second = await ready(instance);
    process.kill(second.pid, "SIGKILL");
    await eventually(async () => assert.equal(instance.snapshot().state, "failed"));
    await isPlaceFree();
    instance.restart();
    await ready(instance);
    end();
    await instance.remove();
    for (const { stray } of [first, second]) assert.equal(groupLives(stray), false);
    assert.deepEqual(rejected, []);
  });
});
