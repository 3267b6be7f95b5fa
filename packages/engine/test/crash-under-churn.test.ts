import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ownedProcesses } from "../src/processes/strays.ts";
import { localInventory } from "../src/state/inventory.ts";
import { answerOf, startTestEngine, WEB_CONFIG } from "./support/engine.ts";
import { startEngineProcess } from "./support/engine-process.ts";
import { eventually } from "./support/processes.ts";
import { behaviour, makeRepository } from "./support/repository.ts";
import { steadyTraffic } from "./support/steady-traffic.ts";

/** Of the moments and the changes; in the name of the test, so that a failure can be had again. */
const SEED = Number(process.env.PERCH_TEST_SEED ?? Date.now() % 1_000_000);
const NUMBERS = [1, 2, 3, 4];
const ROUNDS = 12;

/** Installs and builds take a while, what nobody asks for sleeps soon, there are too few places: a crash meets every stage. */
const yamlWith = (maxRunning: number) => `${WEB_CONFIG.replace(
  "local: {",
  `local: { install: "sleep 0.2", build: "sleep 0.3; date +%s%N > built",`,
)}canary: { idle: 1s, maxRunning: ${maxRunning} }
`;

/** Numbers from 0 to 1, the same for the same seed: a linear congruential generator, Numerical Recipes' constants. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A port of the edge that is the same after each start. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("an engine that is killed again and again, at any moment, while pull requests come and go", () => {
  it(`answers never wrongly, converges, and leaves nothing behind (PERCH_TEST_SEED=${SEED})`, async (t) => {
    const random = randomFrom(SEED);
    const stateDir = await mkdtemp(join(tmpdir(), "perch-churn-"));
    t.after(() => rm(stateDir, { recursive: true, force: true }));
    const repository = await makeRepository();
    t.after(() => repository.remove());
    const edgePort = await freePort();
    const get = (path: string, headers?: Record<string, string>) =>
      answerOf(`http://127.0.0.1:${edgePort}${path}`, headers);
    const said = new Map(NUMBERS.map((pr) => [pr, ["stable"]]));
    const traffic = steadyTraffic({ get }, [
      { expects: () => ["stable"] },
      // What a pull request says, or has said; stable where it has no canary.
      ...NUMBERS.map((pr) => ({ selector: `${pr}`, expects: () => said.get(pr) ?? [] })),
    ]);
    t.after(() => traffic.stop());
    const open = new Set<number>();
    let pushes = 0;

    async function change(): Promise<void> {
      const pr = NUMBERS[Math.floor(random() * NUMBERS.length)] ?? 1;
      if (open.has(pr) && random() < 0.3) {
        open.delete(pr);
        return repository.closePullRequest(pr);
      }
      pushes += 1;
      const says = `${pr}, push ${pushes}`;
      said.get(pr)?.push(says);
      open.add(pr);
      await repository.pushPullRequest(pr, behaviour({ says }));
    }

    for (let round = 0; round < ROUNDS; round += 1) {
      const yaml = yamlWith(NUMBERS.length - 1);
      const engine = startEngineProcess({ stateDir, remote: repository.remote, yaml, edgePort });
      t.after(() => engine.kill());
      await engine.listening;
      // What is asked while there is no engine has no answer.
      const deadline = performance.now() + random() * 2_500;
      while (performance.now() < deadline) {
        await change();
        await sleep(random() * 400);
      }
      await engine.kill();
      traffic.failures();
      assert.deepEqual(traffic.wrong, []);
      const folders = await readdir(join(stateDir, "instances"));
      assert.ok(folders.length <= 3 * (NUMBERS.length + 1), `folders pile up: ${folders}`);
    }

    // All are asked all the time: with too few places for them, some would always be about to start.
    const test = await startTestEngine(repository, { stateDir, edgePort }, yamlWith(NUMBERS.length));
    const closed = test.engine.close;
    t.after(() => closed());
    await test.engine.settled();
    const latest = new Map([...open].map((pr) => [pr, said.get(pr)?.at(-1) ?? ""]));
    for (const [pr, says] of latest)
      await eventually(async () => assert.equal((await get("/", { "x-canary": `${pr}` })).json.says, says));
    traffic.failures();
    const before = traffic.answered();
    await eventually(async () => assert.ok(traffic.answered() > before + 3));
    assert.deepEqual([...traffic.wrong, ...traffic.failures()], []);

    await Promise.all([...open].map((pr) => repository.closePullRequest(pr)));
    await test.until("all canaries are gone", ({ services }) => services[0]?.canaries.length === 0);
    await eventually(async () => {
      const { instances, worktrees } = await localInventory(stateDir);
      assert.deepEqual([instances.length, worktrees.length], [1, 1]);
    });
    await traffic.stop();
    await test.engine.close();
    assert.deepEqual(await ownedProcesses(stateDir), []);
    assert.deepEqual(await readdir(join(stateDir, "instances")), []);
  });
});
