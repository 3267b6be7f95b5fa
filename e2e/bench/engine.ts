import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseConfig } from "@perch/core";
import { type Engine, startEngine } from "@perch/engine";
import pino from "pino";
import { request } from "undici";
import { type BenchRepository, makeBenchRepository } from "./engine/repository.ts";
import { print, spread } from "./figures.ts";

// The local engine's own figures: `npm run bench:engine`. From a moved head to the first answer of the new code, and what canaries
// that sleep cost.

const RUNS = Number(process.env.RUNS ?? 15);
const CANARIES = Number(process.env.CANARIES ?? 1_000);
const PORT = 41_873;
/** Milliseconds in which the last ones drain and end. */
const REST = 3_000;

const repository = await makeBenchRepository();
try {
  await measureMoves(repository);
  await measureMemory(repository);
} finally {
  await repository.remove();
}

/** A push is seen by the watch of a remote on this machine; the service's own start is measured by itself, in turn. */
async function measureMoves({ commit, moveHeads, work }: BenchRepository): Promise<void> {
  await withEngine({ idle: "1h", maxOpen: 10 }, async (engine) => {
    const times = { own: [] as number[], moved: [] as number[], beyond: [] as number[] };
    await moveHeads(new Map([[1, await commit("first")]]));
    await answers(engine, 1, "first");
    for (let run = 0; run < RUNS; run += 1) {
      const says = `run ${run}`;
      const head = await commit(says);
      const own = await milliseconds(() => startAlone(join(work, "web")));
      const moved = await milliseconds(async () => {
        await moveHeads(new Map([[1, head]]));
        await answers(engine, 1, says);
      });
      times.own.push(own);
      times.moved.push(moved);
      times.beyond.push(moved - own);
      // The revision before drains and goes.
      await sleep(500);
    }
    print("head moved → first answer of the new code", spread(times.moved), "ms");
    print("the service's own start", spread(times.own), "ms");
    print("beyond it", spread(times.beyond), "ms");
  });
}

/** Every canary starts once, and sleeps for want of requests. What the first ones cost is the code that they run: the rest is measured. */
async function measureMemory({ commit, moveHeads }: BenchRepository): Promise<void> {
  await withEngine({ idle: "1s", maxOpen: 1_000 }, async (engine) => {
    const head = await commit("many");
    const open = async (from: number, to: number) => {
      await moveHeads(new Map(Array.from({ length: to - from }, (_, index) => [from + index + 10, head])));
      await allAsleep(engine, to);
    };
    const first = Math.floor(CANARIES / 4);
    await open(0, first);
    const before = used();
    await open(first, CANARIES);
    const after = used();
    const per = (bytes: number) => spread([(bytes / 2 ** 20) * (1_000 / (CANARIES - first))]);
    print("heap per 1,000 canaries that sleep", per(after.heap - before.heap), "MiB");
    print("resident memory per 1,000 canaries that sleep", per(after.rss - before.rss), "MiB");
    print("processes of canaries that sleep", spread([(await children()) - 1]), "");
  });
}

async function allAsleep(engine: Engine, count: number): Promise<void> {
  for (;;) {
    const [web] = engine.status().services;
    const asleep = web?.canaries.filter(({ state }) => state === "sleeping").length ?? 0;
    process.stderr.write(`\r${asleep} of ${count} sleep `);
    if (asleep >= count) break;
    await sleep(1_000);
  }
  process.stderr.write("\r");
  await sleep(REST);
}

async function withEngine(
  canary: { readonly idle: string; readonly maxOpen: number },
  work: (engine: Engine) => Promise<void>,
): Promise<void> {
  const parsed = parseConfig(
    JSON.stringify({
      apiVersion: "perch.dev/v1",
      project: "bench",
      canary,
      services: {
        web: {
          repo: "acme/bench",
          path: "web",
          protocol: "http",
          edge: "/",
          local: { start: "exec node server.cjs", ready: "/" },
        },
      },
    }),
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const stateDir = await mkdtemp(join(tmpdir(), "perch-bench-state-"));
  const engine = await startEngine({
    config: parsed.config,
    version: "bench",
    stateDir,
    checkout: stateDir,
    remotes: new Map([["acme/bench", repository.remote]]),
    stable: "remote",
    hosts: ["127.0.0.1"],
    edgePort: 0,
    statusPort: 0,
    interval: 2_000,
    drainTimeout: 1_000,
    wakeTimeout: 10_000,
    tryPath: "/",
    logger: pino({ level: "silent" }),
    env: process.env,
  });
  try {
    await engine.settled();
    await work(engine);
  } finally {
    await engine.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}

async function answers(engine: Engine, pr: number, says: string): Promise<void> {
  const url = `http://${engine.status().edge.listening[0]}/`;
  for (;;) {
    const { body } = await request(url, { headers: { "x-canary": String(pr) } });
    if ((await body.text()) === says) return;
  }
}

/** The service as the engine starts it, until it answers. */
async function startAlone(cwd: string): Promise<void> {
  const env = { ...process.env, HOST: "127.0.0.1", PORT: String(PORT) };
  const child = spawn("sh", ["-c", "exec node server.cjs"], { cwd, env, stdio: "ignore" });
  const ended = once(child, "exit");
  for (;;) {
    const answer = await request(`http://127.0.0.1:${PORT}/`).catch(() => undefined);
    await answer?.body.dump();
    if (answer !== undefined) break;
    await sleep(2);
  }
  child.kill();
  await ended;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function used(): { heap: number; rss: number } {
  if (globalThis.gc === undefined) throw new Error("Run it with --expose-gc: `npm run bench:engine`.");
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

/** Living children of this process. */
async function children(): Promise<number> {
  const path = `/proc/${process.pid}/task/${process.pid}/children`;
  return (await readFile(path, "utf8")).split(" ").filter((pid) => pid !== "").length;
}
