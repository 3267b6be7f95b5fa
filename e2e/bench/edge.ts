import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromDebian } from "../support/debian.ts";
import { startBackend } from "./edge/backend.ts";
import { type Contender, field, perch } from "./edge/contenders.ts";
import { type Spread, spread } from "./figures.ts";
import { answers, load } from "./support/load.ts";
import { CORES, startPinned } from "./support/pinned.ts";

// What the edge costs, against other reverse proxies: `npm run bench:edge`. Each has one core and is loaded in turn, several
// times around, from the next core, where the back end is too. Needs Linux.

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = Number(process.env.SECONDS ?? 4);
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 32);
const PORT = 18_100;
const CANARIES = [1, 1_000, 10_000];

interface Measured {
  readonly requestsPerSecond: number[];
  /** Microseconds of CPU that one request takes: it hardly depends on what else the machine does. */
  readonly cpuPerRequest: number[];
  readonly p50: number[];
  readonly p99: number[];
}

async function main(): Promise<void> {
  await fromDebian("wrk", "wrk");
  const folder = await mkdtemp(join(tmpdir(), "perch-bench-"));
  const options = { backend: `127.0.0.1:${PORT}`, folder, firstPort: PORT + 10 };
  const backend = await startBackend(folder, PORT);
  try {
    const contenders = [
      ...CANARIES.map((count, index) => perch(count, options, PORT + 1 + index)),
      ...(await field(options, say)),
    ];
    const figures = new Map<string, Measured>();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const contender of contenders) {
        say(`round ${round + 1} of ${ROUNDS}: ${contender.name}`);
        await measure(contender, measuredOf(figures, contender.name));
      }
    }
    report(figures);
  } finally {
    await backend.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Requests of a canary by a list, which perch has to parse; to the others it is a header like any. */
const HEADERS = { "X-Canary": "api=1", "User-Agent": "wrk", Accept: "application/json" };

async function measure(contender: Contender, measured: Measured): Promise<void> {
  const { command, env = {}, port } = contender;
  const running = await startPinned(command, { core: CORES.measured, port, env });
  try {
    const url = `http://127.0.0.1:${port}/api/items`;
    await answers(url);
    await load(url, { seconds: 2, connections: CONNECTIONS, headers: HEADERS });
    const before = await running.cpu();
    const { requestsPerSecond, p50, p99 } = await load(url, {
      seconds: SECONDS,
      connections: CONNECTIONS,
      headers: HEADERS,
    });
    measured.cpuPerRequest.push(
      (((await running.cpu()) - before) * 1_000_000) / (requestsPerSecond * SECONDS),
    );
    measured.requestsPerSecond.push(requestsPerSecond);
    measured.p50.push(p50);
    measured.p99.push(p99);
  } finally {
    await running.stop();
  }
}

function measuredOf(figures: Map<string, Measured>, name: string): Measured {
  const found = figures.get(name) ?? { requestsPerSecond: [], cpuPerRequest: [], p50: [], p99: [] };
  figures.set(name, found);
  return found;
}

function report(figures: ReadonlyMap<string, Measured>): void {
  const envoy = spread(figures.get("Envoy")?.requestsPerSecond ?? []).median;
  process.stdout.write(
    "| | requests/s | ÷ Envoy | µs CPU a request | p50 ms | p99 ms |\n|---|---|---|---|---|---|\n",
  );
  for (const [name, measured] of figures) {
    const rate = spread(measured.requestsPerSecond);
    const cells = [
      text(rate, 0),
      (rate.median / envoy).toFixed(2),
      text(spread(measured.cpuPerRequest), 1),
      text(spread(measured.p50), 2),
      text(spread(measured.p99), 2),
    ];
    process.stdout.write(`| ${name} | ${cells.join(" | ")} |\n`);
  }
}

/** `median (minimum–maximum)` */
function text({ min, median, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

function say(line: string): void {
  process.stderr.write(`# ${line}\n`);
}

await main();
