import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { startCommand } from "../../src/processes/command.ts";
import { openLog } from "../../src/processes/log.ts";
import { watchMemory } from "../../src/processes/memory-watch.ts";
import { endGroup } from "../../src/processes/process-group.ts";
import type { Quotas } from "../../src/processes/quotas.ts";
import { findSandbox } from "../../src/processes/sandbox.ts";
import { OWNER } from "../../src/processes/strays.ts";
import { identifyProcess } from "../../src/state/process-identity.ts";
import { eventually } from "../support/processes.ts";

const MIB = 2 ** 20;
const QUOTA = { memory: 200 * MIB, cpu: 1, processes: 10 };
const isLinux = process.platform === "linux";

/** A program that takes so many MiB, says so, and goes on. */
const taking = (mebibytes: number) =>
  `const taken = Buffer.alloc(${mebibytes} * ${MIB}, 1); console.log("has"); setInterval(() => taken, 1000);`;

/** Another of these as a child, in a process group of its own. */
const beside = (program: string) =>
  `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(program)}], { detached: true, stdio: "ignore" });`;

/** Numbers of system calls. */
const CALLS = { x64: { mmap: 9, madvise: 28 }, arm64: { mmap: 222, madvise: 233 } };

/**
 * Perl that maps so many MiB of memory which its children share (mmap(2): MAP_SHARED, MAP_ANONYMOUS), and has so many of them map all of
 * it too (madvise(2): MADV_POPULATE_WRITE).
 */
function sharing({ mmap, madvise }: { mmap: number; madvise: number }, mebibytes: number, count: number) {
  const size = mebibytes * MIB;
  return `$| = 1; my $at = syscall(${mmap}, 0, ${size}, 3, 0x21, -1, 0);
    for (2 .. ${count}) { last unless fork }
    syscall(${madvise}, $at, ${size}, 23); print "has\\n"; sleep 1000`;
}

describe("a watch of memory", { skip: isLinux ? false : "only Linux shows which process is whose" }, () => {
  function watch(t: TestContext): Quotas {
    const quotas = watchMemory({ quota: QUOTA, logger: pino({ level: "silent" }) }, 50);
    t.after(() => quotas.close());
    return quotas;
  }

  async function started(
    t: TestContext,
    program: string,
    args: readonly string[],
    env = process.env,
  ): Promise<ChildProcess> {
    const child = spawn(program, [...args], { env, detached: true, stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => endGroup(child.pid ?? 0, 0));
    await once(child.stdout, "data");
    return child;
  }
  const node = (t: TestContext, script: string, env?: NodeJS.ProcessEnv) =>
    started(t, process.execPath, ["-e", script], env);

  /** Has the processes of an instance watched, as it would. */
  async function hold(quotas: Quotas, id: string, leader: number): Promise<void> {
    const identity = await identifyProcess(leader);
    assert.deepEqual(await quotas.of(id, () => identity), []);
  }
  const runs = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;
  /** Some looks. */
  const later = () => sleep(500);

  it("ends all processes of a canary that together have too much, tells it once, and leaves all others alone", async (t) => {
    const quotas = watch(t);
    // Nobody asked to hold stable.
    const stable = await node(t, taking(300));
    const small = await node(t, taking(100));
    await hold(quotas, "small", small.pid ?? 0);
    const large = await node(t, beside(taking(120)) + taking(120));
    const exit = once(large, "exit");
    await hold(quotas, "large", large.pid ?? 0);
    assert.deepEqual(await exit, [null, "SIGKILL"]);
    assert.deepEqual([runs(stable), runs(small)], [true, true]);
    assert.deepEqual(
      [await quotas.ranOutOfMemory("large"), await quotas.ranOutOfMemory("large")],
      [true, false],
    );
    assert.equal(await quotas.ranOutOfMemory("small"), false);
  });

  it("believes no mark: who bears another's takes of its own quota, and none of the other's", async (t) => {
    const quotas = watch(t);
    const victim = await node(t, taking(100), { ...process.env, [OWNER]: "/instances/victim" });
    await hold(quotas, "victim", victim.pid ?? 0);
    const pretender = await node(t, taking(250), { ...process.env, [OWNER]: "/instances/victim" });
    await later();
    assert.deepEqual([runs(victim), runs(pretender)], [true, true]);
    const exit = once(pretender, "exit");
    await hold(quotas, "pretender", pretender.pid ?? 0);
    assert.deepEqual(await exit, [null, "SIGKILL"]);
    assert.equal(runs(victim), true);
    assert.equal(await quotas.ranOutOfMemory("victim"), false);
  });

  it("leaves alone who has the number of a leader that has ended", async (t) => {
    const quotas = watch(t);
    const child = await node(t, taking(250));
    await quotas.of("ended", () => ({ pid: child.pid ?? 0, startTime: "1" }));
    await later();
    assert.equal(runs(child), true);
  });

  it("finds in a PID namespace also what has left its group, its parent and its environment", async (t) => {
    const sandbox = await findSandbox();
    if (!sandbox.holdsProcesses) return t.skip("this system has no PID namespace for it");
    const folder = await realpath(await mkdtemp(join(tmpdir(), "perch-watched-")));
    const log = await openLog(join(folder, "log"));
    t.after(async () => {
      await log.close();
      await rm(folder, { recursive: true });
    });
    const quotas = watch(t);
    const held = { sandbox, writable: [folder], groups: [], firstToGo: true, yields: false };
    const script = `${taking(250).replace(/console.*?;/, "")}`;
    const command = `(setsid env -i "${process.execPath}" -e '${script}' &) ; sleep 1000`;
    const env = { PATH: process.env.PATH ?? "" };
    const { pid, exited } = startCommand({ command, cwd: folder, env, log, held });
    t.after(() => endGroup(pid, 0));
    await hold(quotas, "held", pid);
    assert.deepEqual(await exited, { kind: "signal", signal: "SIGKILL" });
    assert.equal(await quotas.ranOutOfMemory("held"), true);
  });

  it("counts shared memory too, and once, however many have mapped it", async (t) => {
    const calls = CALLS[process.arch as keyof typeof CALLS];
    if (calls === undefined) return t.skip("the numbers of its system calls are not known here");
    const quotas = watch(t);
    const within = await started(t, "perl", ["-e", sharing(calls, 100, 5)]);
    await hold(quotas, "within", within.pid ?? 0);
    await later();
    assert.equal(runs(within), true);
    const over = await started(t, "perl", ["-e", sharing(calls, 250, 1)]);
    await hold(quotas, "over", over.pid ?? 0);
    await eventually(async () => assert.equal(runs(over), false));
    assert.deepEqual([runs(within), await quotas.ranOutOfMemory("over")], [true, true]);
  });
});
