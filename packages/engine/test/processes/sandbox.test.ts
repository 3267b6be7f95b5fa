import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { access, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { describeExit, type RunningCommand, startCommand } from "../../src/processes/command.ts";
import { type InstanceLog, openLog } from "../../src/processes/log.ts";
import { endGroup } from "../../src/processes/process-group.ts";
import { findSandbox, type Sandbox } from "../../src/processes/sandbox.ts";
import { AS_IN_THE_UNIT, holdsProcessesBeside } from "../support/private-mounts.ts";
import { eventually, groupLives } from "../support/processes.ts";

/** Numbers of processes that run with these words as their last argument, which no other test has. */
function running(words: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").endsWith(`\0${words}\0`);
    } catch {
      return false;
    }
  });
}

describe("a command that the sandbox holds", () => {
  let sandbox: Sandbox;
  let folder: string;
  let log: InstanceLog;
  const commands: RunningCommand[] = [];
  before(async () => {
    sandbox = await findSandbox();
    folder = await realpath(await mkdtemp(join(tmpdir(), "perch-sandbox-")));
    log = await openLog(join(folder, "log"));
  });
  after(async () => {
    for (const { pid } of commands) await endGroup(pid, 0);
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });

  function start(command: string, by = sandbox): RunningCommand {
    const held = { sandbox: by, writable: [folder], groups: [], firstToGo: true, yields: false };
    const env = { PATH: process.env.PATH ?? "" };
    const started = startCommand({ command, cwd: folder, env, log, held });
    commands.push(started);
    return started;
  }
  const isThere = (name: string) => eventually(() => access(join(folder, name)));
  const needsNamespace = (t: TestContext) => {
    if (!sandbox.holdsProcesses) t.skip("this system has no PID namespace for it");
    return sandbox.holdsProcesses;
  };

  it("ends with its own exit code, and one that a signal ended says which", async () => {
    assert.deepEqual(await start("exit 3").exited, { kind: "exit", code: 3 });
    assert.match(describeExit(await start("kill -9 $$").exited), /SIGKILL/);
  });

  it("gets SIGTERM, and all the time that it is given to end in its own way", async () => {
    const loop = "while :; do sleep 0.02; done";
    const { pid, exited } = start(`trap 'sleep 0.3; echo done > ended; exit 4' TERM; : > up; ${loop}`);
    await isThere("up");
    assert.equal(await endGroup(pid, 10_000), false, "no SIGKILL was needed");
    assert.equal(await readFile(join(folder, "ended"), "utf8"), "done\n");
    assert.equal((await exited).kind, "exit");
    assert.equal(groupLives(pid), false);
  });

  it("takes with it what left its group and its environment, however it ends", async (t) => {
    if (!needsNamespace(t)) return;
    const daemon = (seconds: string) => `setsid env -i /bin/sleep ${seconds} > /dev/null 2>&1 & sleep 0.3`;
    await start(`${daemon("98761")}; exit 0`).exited;
    assert.deepEqual(running("98761"), [], "when it ends by itself");
    for (const [seconds, whom] of [
      ["98762", "its group"],
      ["98763", "the process that the engine knows"],
    ] as const) {
      const { pid, exited } = start(`${daemon(seconds)}; : > up-${seconds}; sleep 1000`);
      await isThere(`up-${seconds}`);
      assert.equal(running(seconds).length, 1);
      process.kill(whom === "its group" ? -pid : pid, "SIGKILL");
      await exited;
      await endGroup(pid, 2_000);
      assert.deepEqual(running(seconds), [], whom);
    }
  });

  it("leaves no zombie of what its children left behind", async (t) => {
    if (!needsNamespace(t)) return;
    const orphans = "for i in 1 2 3; do sh -c 'sleep 0.1 &'; done; sleep 0.6";
    await start(`${orphans}; cat /proc/[0-9]*/stat > stats`).exited;
    assert.doesNotMatch(await readFile(join(folder, "stats"), "utf8"), /\) Z /);
  });

  it("is held to its folder and to harmless devices also where the system has no PID namespace for it", async (t) => {
    if (!sandbox.holdsWrites) return t.skip("this system cannot hold that");
    const weaker = await findSandbox(undefined, [false]);
    assert.deepEqual([weaker.holdsWrites, weaker.holdsProcesses], [true, false]);
    const steps = [
      "touch ../outside-$$ && rm ../outside-$$ && echo outside",
      "ls /dev",
      "echo gone > /dev/null && cat /proc/self/comm",
      ": > inside && ls inside",
    ];
    await start(`{ ${steps.join("; ")}; } 2> /dev/null > weaker`, weaker).exited;
    const said = (await readFile(join(folder, "weaker"), "utf8")).trim().split("\n");
    assert.deepEqual(said.slice(0, 2), ["fd", "full"]);
    assert.deepEqual(said.slice(-2), ["cat", "inside"]);
  });

  it("has a terminal, shared memory and randomness, and its own standard streams by name", async (t) => {
    if (!sandbox.holdsWrites) return t.skip("this system cannot hold that");
    const steps = [
      "head -c 4 /dev/urandom | wc -c",
      ": < /dev/ptmx && echo terminal",
      "echo kept > /dev/shm/perch-sandbox-test && cat /dev/shm/perch-sandbox-test; rm /dev/shm/perch-sandbox-test",
      "echo x | cat /dev/stdin /dev/fd/0",
      "echo gone > /dev/null",
    ];
    await start(`{ ${steps.join("; ")}; } > devices 2>&1`).exited;
    assert.equal(await readFile(join(folder, "devices"), "utf8"), "4\nterminal\nkept\nx\n");
  });

  it("has 64 MiB of shared memory, and no number of files in it without an end", async (t) => {
    if (!sandbox.holdsWrites) return t.skip("this system cannot hold that");
    const steps = [
      "head -c 100000000 /dev/zero > /dev/shm/full; wc -c < /dev/shm/full; rm /dev/shm/full",
      "df -k /dev/shm | awk 'END { print $2 }'",
      "df -i /dev/shm | awk 'END { print $2 }'",
      "df -k /dev | awk 'END { print $2 }'",
    ];
    await start(`{ ${steps.join("; ")}; } > shared 2> /dev/null`).exited;
    assert.equal(await readFile(join(folder, "shared"), "utf8"), `${64 * 2 ** 20}\n65536\n16384\n64\n`);
  });
});

// perch's own systemd unit: what it sets is in core (service-unit/systemd.ts), and what that mounts must leave a canary its namespace.
describe("the sandbox of a unit's user", () => {
  const canTry = async (t: TestContext) => {
    const plain = await holdsProcessesBeside("");
    if (plain === true) return true;
    t.skip(plain === false ? "this system has no PID namespace for users" : plain);
    return false;
  };

  it("has a PID namespace beside all that the unit mounts", async (t) => {
    if (!(await canTry(t))) return;
    const holds = await holdsProcessesBeside(AS_IN_THE_UNIT);
    if (typeof holds === "string") return t.skip(holds);
    assert.equal(holds, true);
  });

  it("has none where a part of /proc is mounted over, as other settings do", async (t) => {
    if (!(await canTry(t))) return;
    for (const [setting, path] of [
      ["ProtectKernelTunables", "/proc/sys"],
      ["ProtectKernelLogs", "/proc/kmsg"],
      ["ProtectHostname", "/proc/sys/kernel/hostname"],
    ] as const) {
      const holds = await holdsProcessesBeside(`mount --bind ${path} ${path}`);
      if (typeof holds === "string") return t.skip(holds);
      assert.equal(holds, false, setting);
    }
  });
});
