import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { findHierarchies, type Hierarchy } from "../../../src/processes/control-groups/place.ts";
import { killCount, settings } from "../../../src/processes/control-groups/settings.ts";

const UNIT = "/system.slice/perch-shop.service";

/** A folder with the files that a kernel would show. */
async function systemWith(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const system = await mkdtemp(join(tmpdir(), "perch-system-"));
  t.after(() => rm(system, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(system, path)), { recursive: true });
    await writeFile(join(system, path), text);
  }
  return system;
}

const unified = (own: string, controllers = "cpuset cpu io memory pids") => ({
  "proc/self/cgroup": `0::${own}\n`,
  "sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids\n",
  [`sys/fs/cgroup${UNIT}/cgroup.controllers`]: `${controllers}\n`,
});

describe("control groups of version 2", () => {
  it("are made beside the engine's own, in the group that systemd delegates", async (t) => {
    const system = await systemWith(t, unified(`${UNIT}/engine`));
    assert.deepEqual(await findHierarchies(system), [
      { version: 2, folder: join(system, "sys/fs/cgroup", UNIT), controllers: ["memory", "cpu", "pids"] },
    ]);
  });

  it("are made nowhere where the engine shares its group with others, or memory is not delegated", async (t) => {
    const places = [unified("/user.slice/user-1000.slice/session-3.scope"), unified(UNIT), unified("/")];
    for (const files of [...places, unified(`${UNIT}/engine`, "cpu pids")])
      assert.deepEqual(await findHierarchies(await systemWith(t, files)), []);
  });

  it("hold memory without swap, CPU time and the number of processes", () => {
    const all: Hierarchy = { version: 2, folder: "/", controllers: ["memory", "cpu", "pids"] };
    assert.deepEqual(settings(all, { memory: 2 ** 31, cpu: 0.5, processes: 10 }), [
      { file: "memory.max", value: "2147483648" },
      { file: "memory.swap.max", value: "0", optional: true },
      { file: "cpu.max", value: "50000 100000" },
      { file: "pids.max", value: "10" },
    ]);
    assert.equal(killCount("low 0\nhigh 0\nmax 7\noom 3\noom_kill 2\noom_group_kill 0\n"), 2);
  });
});

describe("control groups of version 1", () => {
  const memberships = "12:pids:/a\n5:cpu,cpuacct:/b\n4:memory:/c:d\n1:name=systemd:/\n0::/\n";

  it("are made below the engine's own in each hierarchy", async (t) => {
    const system = await systemWith(t, { "proc/self/cgroup": memberships });
    const found = await findHierarchies(system);
    assert.deepEqual(
      found.map(({ folder, controllers }) => [folder.slice(system.length), controllers]),
      [
        ["/sys/fs/cgroup/memory/c:d", ["memory"]],
        ["/sys/fs/cgroup/cpu/b", ["cpu"]],
        ["/sys/fs/cgroup/pids/a", ["pids"]],
      ],
    );
  });

  it("are made nowhere without one for memory, or where there are none at all", async (t) => {
    for (const files of [{ "proc/self/cgroup": "5:cpu:/\n0::/\n" }, { "proc/other": "" }])
      assert.deepEqual(await findHierarchies(await systemWith(t, files)), []);
  });

  it("tell how often a process was ended", () => {
    assert.equal(killCount("oom_kill_disable 0\nunder_oom 0\noom_kill 4\n"), 4);
    assert.equal(killCount(""), 0);
  });
});
