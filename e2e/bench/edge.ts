import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromDebian } from "../support/debian.ts";
import { startBackend } from "./edge/backend.ts";
import { field, perch } from "./edge/contenders.ts";
import { answers, load } from "./support/load.ts";
import { CORES, type Pinned, startPinned } from "./support/pinned.ts";
import { type Contestant, inTurns, reportTurns } from "./support/turns.ts";

// What the edge costs, against other reverse proxies: `npm run bench:edge`. All have one core, and are loaded in short turns
// from the next core, where the back end is too. Needs Linux.

const TURNS = {
  rounds: Number(process.env.ROUNDS ?? 6),
  seconds: Number(process.env.SECONDS ?? 5),
  warmUp: 4,
};
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 32);
const PORT = 18_100;
const CANARIES = [1, 1_000, 10_000];

/** Requests of a canary by a list, which perch has to parse; to the others it is a header like any. */
const HEADERS = { "X-Canary": "api=1", "User-Agent": "wrk", Accept: "application/json" };

async function main(): Promise<void> {
  await fromDebian("wrk");
  const folder = await mkdtemp(join(tmpdir(), "perch-bench-"));
  const options = { backend: `127.0.0.1:${PORT}`, folder, firstPort: PORT + 10 };
  const running: Pinned[] = [await startBackend(folder, PORT)];
  try {
    const contenders = [
      ...CANARIES.map((count, index) => perch(count, options, PORT + 1 + index)),
      ...(await field(options, say)),
    ];
    const contestants: Contestant[] = [];
    for (const { name, command, env = {}, port } of contenders) {
      const process = await startPinned(command, { core: CORES.measured, port, env });
      running.push(process);
      contestants.push({ name, process, load: await loadOf(port) });
    }
    const turns = await inTurns(contestants, TURNS);
    reportTurns(turns, "Envoy");
    process.stdout.write("\n");
    reportTurns(new Map([...turns].filter(([name]) => name.startsWith("perch"))), "perch, 1 canaries");
  } finally {
    await Promise.all(running.map((one) => one.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function loadOf(port: number): Promise<Contestant["load"]> {
  const url = `http://127.0.0.1:${port}/api/items`;
  await answers(url);
  return async (seconds) => {
    const options = { seconds, connections: CONNECTIONS, headers: HEADERS };
    const { requestsPerSecond, p50, p99 } = await load(url, options);
    return { perSecond: requestsPerSecond, p50, p99 };
  };
}

function say(line: string): void {
  process.stderr.write(`# ${line}\n`);
}

await main();
