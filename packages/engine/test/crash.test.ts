import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { ownedProcesses } from "../src/processes/strays.ts";
import { find, startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { type EngineProcess, startEngineProcess } from "./support/engine-process.ts";
import { eventually, groupLives } from "./support/processes.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

describe("an engine that was killed", () => {
  let repository: TestRepository;
  let stateDir: string;
  let killed: EngineProcess | undefined;
  let test: TestEngine | undefined;

  before(async () => {
    repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
  });
  afterEach(async () => {
    await killed?.kill();
    await test?.close();
    test = undefined;
    if (stateDir !== undefined) await rm(stateDir, { recursive: true, force: true });
  });
  after(() => repository.remove());

  async function started(yaml = WEB_CONFIG) {
    stateDir = await mkdtemp(join(tmpdir(), "perch-crash-"));
    killed = startEngineProcess({ stateDir, remote: repository.remote, yaml });
    return killed.settled;
  }

  async function crashed(yaml = WEB_CONFIG) {
    const status = await started(yaml);
    await killed?.kill();
    return status;
  }

  const runOf = async (url: string, headers: Record<string, string>) => {
    const response = await fetch(url, { headers });
    return ((await response.json()) as { run: string }).run;
  };

  it("left processes that the next one goes on with: same number, same port, and requests reach them", async () => {
    const before = await started();
    const run = await runOf(`http://${before.edge.listening[0]}/`, { "x-canary": "1" });
    await killed?.kill();
    test = await startTestEngine(repository, { stateDir });
    const after = await test.engine.settled();
    for (const name of ["web", "web-canary-pr-1"]) {
      const [was, is] = [find(before, name), find(after, name)];
      assert.deepEqual([is?.state, is?.pid, is?.address], ["ready", was?.pid, was?.address]);
    }
    const answer = await test.get("/", { "x-canary": "1" });
    assert.deepEqual([answer.json.says, answer.json.run], ["one", run]);
  });

  it("serves what it knew before its source has answered again", async () => {
    await crashed();
    test = await startTestEngine({ remote: join(stateDir, "gone.git") }, { stateDir });
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one");
    await test.until("the outage is reported", ({ problems }) => problems.length > 0);
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one");
  });

  it("left a process that died meanwhile: it is started again, without another build", async () => {
    const yaml = WEB_CONFIG.replace("local: {", "local: { build: 'date +%s%N > built',");
    const before = await crashed(yaml);
    const pid = find(before, "web-canary-pr-1")?.pid ?? 0;
    const built = async () => {
      const names = await readdir(join(stateDir, "instances"));
      return names.filter((name) => name.includes("-pr-1-"));
    };
    const folders = await built();
    process.kill(-pid, "SIGKILL");
    await eventually(async () => assert.equal(groupLives(pid), false));
    test = await startTestEngine(repository, { stateDir }, yaml);
    const { pid: now } = await test.untilState("web-canary-pr-1", "ready");
    assert.notEqual(now, pid);
    assert.deepEqual(await built(), folders, "in the same folder");
  });

  it("left a canary whose pull request was closed meanwhile: it is ended, and nothing of it is left", async () => {
    await repository.pushPullRequest(2, behaviour({ says: "two" }));
    const before = await crashed();
    const pid = find(before, "web-canary-pr-2")?.pid ?? 0;
    await repository.closePullRequest(2);
    test = await startTestEngine(repository, { stateDir });
    await test.until("PR 2 is gone", (status) => find(status, "web-canary-pr-2") === undefined);
    await eventually(async () => assert.equal(groupLives(pid), false));
    await eventually(async () => {
      const names = await readdir(join(stateDir, "instances"));
      assert.equal(names.filter((name) => name.includes("-pr-2-")).length, 0);
    });
  });

  it("left locks in its mirror: the next one opens it all the same", async () => {
    await crashed();
    const mirror = join(stateDir, "git", "acme--test.git");
    for (const lock of ["config.lock", "packed-refs.lock", "HEAD.lock"])
      await writeFile(join(mirror, lock), "");
    const head = await repository.pushPullRequest(3, behaviour({ says: "three" }));
    test = await startTestEngine(repository, { stateDir });
    const { revision } = await test.untilState("web-canary-pr-3", "ready");
    assert.equal(revision, head.slice(0, 12));
    await repository.closePullRequest(3);
  });

  it("at any moment of its start, again and again: the next one converges, and no process is left over", async () => {
    stateDir = await mkdtemp(join(tmpdir(), "perch-crash-"));
    const pids = new Set<number>();
    for (const milliseconds of [0, 40, 150, 300, 500]) {
      killed = startEngineProcess({ stateDir, remote: repository.remote });
      await killed.listening;
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      await killed.kill();
      const names = await readdir(join(stateDir, "instances"));
      assert.ok(names.length <= 4, `folders do not pile up: ${names}`);
    }
    test = await startTestEngine(repository, { stateDir });
    const status = await test.engine.settled();
    assert.deepEqual(status.problems, []);
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one");
    for (const { stable, canaries } of status.services)
      for (const { pid } of [stable, ...canaries]) pids.add(pid ?? 0);
    await test.engine.close();
    for (const pid of pids) assert.equal(groupLives(pid), false);
    assert.deepEqual(await ownedProcesses(stateDir), []);
  });
});
