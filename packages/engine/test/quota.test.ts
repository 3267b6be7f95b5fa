import assert from "node:assert/strict";
import { access, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import pino from "pino";
import { controlGroupsOf, openControlGroups } from "../src/processes/control-groups/index.ts";
import { startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { type EngineProcess, startEngineProcess } from "./support/engine-process.ts";
import { eventually } from "./support/processes.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

const YAML = `${WEB_CONFIG.replace("local: {", "local: { build: 'sh ./build.sh',")}
canary: { quota: { cpu: 500m, memory: 160Mi } }
`;
const BUILDS = { "services/web/build.sh": "exit 0\n" };
/** Says how it is held. */
const LOOKS = `
cat /proc/self/cgroup > groups
cat /proc/self/oom_score_adj > score
awk '{ print $19 }' /proc/self/stat > nice
`;
/** Four processes that each would be within the limit. */
const TAKES =
  "for i in 1 2 3 4; do node -e 'const a = Buffer.alloc(80e6, 1); setTimeout(() => a, 20000)' & done; wait; exit 1\n";

/** Whether this machine lets an engine make control groups, which is what its own probe finds. */
async function canHold(): Promise<boolean> {
  const root = await mkdtemp(join(tmpdir(), "perch-groups-"));
  const quota = { memory: 2 ** 28, cpu: 1, processes: 100 };
  const options = { root, quota, logger: pino({ level: "silent" }), keep: new Set<string>() };
  const groups = await openControlGroups(options);
  await groups?.close();
  await rm(root, { recursive: true });
  return groups !== undefined;
}

describe("what a canary may take", () => {
  let repository: TestRepository;
  let test: TestEngine;
  let holds: boolean;
  before(async () => {
    holds = await canHold();
    repository = await makeRepository(BUILDS);
    test = await startTestEngine(repository, {}, YAML);
  });
  after(async () => {
    await test.close();
    await repository.remove();
  });

  const folderOf = async (variant: string) => {
    const instances = join(test.stateDir, "instances");
    const [id = ""] = (await readdir(instances)).filter((name) => name.startsWith(variant));
    return { id, worktree: join(instances, id, "worktree", "services", "web") };
  };

  it("is held for its build and its processes together where the system lets the engine, and it is the first to go", async () => {
    await repository.pushPullRequest(1, { ...behaviour({ says: "one" }), "services/web/build.sh": LOOKS });
    const { pid = 0 } = await test.untilState("web-canary-pr-1", "ready");
    const { id, worktree } = await folderOf("web-canary-pr-1");
    const said = async (name: string) => (await readFile(join(worktree, name), "utf8")).trim();
    for (const groups of [await said("groups"), await readFile(`/proc/${pid}/cgroup`, "utf8")])
      assert.equal(groups.includes(`/${id}`), holds, groups);
    assert.deepEqual([await said("score"), await said("nice")], ["500", "10"]);
    assert.equal((await readFile(`/proc/${pid}/oom_score_adj`, "utf8")).trim(), "500");
    const stable = await test.untilState("web", "ready");
    assert.equal((await readFile(`/proc/${stable.pid}/oom_score_adj`, "utf8")).trim(), "0");
    assert.doesNotMatch(await readFile(`/proc/${stable.pid}/cgroup`, "utf8"), /perch-/);
  });

  it("ends what takes more memory, says so, and nobody else notices", async () => {
    await repository.pushPullRequest(2, { ...behaviour({ says: "two" }), "services/web/build.sh": TAKES });
    const { failure } = await test.untilState("web-canary-pr-2", "failed");
    assert.equal(failure?.code, "BUILD_FAILED");
    // Without control groups the engine looks itself, on Linux.
    assert.equal(
      /canary\.quota\.memory/.test(failure?.hint ?? ""),
      process.platform === "linux",
      failure?.hint,
    );
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one");
    assert.equal((await test.get("/")).json.says, "stable");
  });

  it("leaves no control group when it closes", async () => {
    const groups = await controlGroupsOf(test.stateDir);
    assert.equal(groups.length > 0, holds);
    for (const number of [1, 2]) await repository.closePullRequest(number);
    await test.until("both are gone", ({ services }) => services[0]?.canaries.length === 0);
    await eventually(async () => assert.deepEqual(await controlGroupsOf(test.stateDir), []));
    for (const { folder } of groups) await assert.rejects(access(folder));
  });
});

describe("a control group of an engine that crashed", () => {
  it("is kept with its canary, and goes with it", async (t) => {
    const holds = await canHold();
    const repository = await makeRepository(BUILDS);
    const stateDir = await mkdtemp(join(tmpdir(), "perch-quota-"));
    const options = { stateDir, remote: repository.remote, yaml: YAML };
    const engines: EngineProcess[] = [];
    const start = () => {
      const engine = startEngineProcess(options);
      engines.push(engine);
      return engine;
    };
    t.after(async () => {
      for (const engine of engines) await engine.end();
      await rm(stateDir, { recursive: true, force: true });
      await repository.remove();
    });
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    const first = start();
    await first.settled;
    const before = await controlGroupsOf(stateDir);
    assert.equal(before.length > 0, holds);
    await first.kill();
    const next = start();
    await next.settled;
    assert.deepEqual(await controlGroupsOf(stateDir), before);
    await repository.closePullRequest(1);
    await eventually(async () => assert.deepEqual(await controlGroupsOf(stateDir), []));
  });
});
