import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromDebian } from "../support/debian.ts";
import { startDatabase } from "./context/database.ts";
import { startApi, startCallee, startStore, VARIANTS, type VariantName } from "./context/services.ts";
import { grpcLoad } from "./support/grpc-load.ts";
import { answers, load } from "./support/load.ts";
import { CORES, type Pinned } from "./support/pinned.ts";
import { type Contestant, inTurns, joinTurns, reportTurns, type Turns } from "./support/turns.ts";

// What carrying the selector costs the services of this repository: `npm run bench:context`. Each service runs as it is
// deployed, without the library, and with OpenTelemetry's instrumentation carrying baggage in its place; in short turns. Needs Linux.

const TURNS = {
  rounds: Number(process.env.ROUNDS ?? 3),
  seconds: Number(process.env.SECONDS ?? 1),
  warmUp: 4,
};
/** Each is compiled anew, and one start of the same program may be five percent faster than another. */
const STARTS = Number(process.env.STARTS ?? 6);
const PORTS = { database: 18_200, callee: 18_201, first: 18_210 };

type Headers = Readonly<Record<string, string>>;

/** A request with a selector, and one of all the others. */
const REQUESTS = {
  tagged: { "X-Canary": "api=7,store=7", baggage: "canary=7" },
  untagged: {},
} satisfies Record<string, Headers>;

/** Runs a service in each of its variants. */
type Start = (variant: VariantName, port: number) => Promise<Pinned>;
/** Loads what listens on a port for so many seconds; resolves to requests a second. */
type Load = (port: number, headers: Headers, seconds: number) => Promise<number>;

async function main(): Promise<void> {
  await fromDebian("wrk");
  await fromDebian("h2load");
  const folder = await mkdtemp(join(tmpdir(), "perch-bench-"));
  const others = [await startDatabase(folder, PORTS.database), await startCallee(PORTS.callee)];
  try {
    await measure(
      "api",
      (variant, port) => startApi({ variant, core: CORES.measured, port }, PORTS.callee),
      loadApi,
    );
    await measure(
      "store",
      (variant, port) => startStore({ variant, core: CORES.measured, port }, PORTS.database),
      (port, headers, seconds) => loadStore(folder, port, headers, seconds),
    );
  } finally {
    await stopAll(others);
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(service: string, start: Start, loadOnce: Load): Promise<void> {
  const turns = new Map<string, Turns>();
  for (let started = 0; started < STARTS; started += 1) {
    process.stderr.write(`# ${service}, start ${started + 1} of ${STARTS}\n`);
    for (const [request, more] of await measureStart(service, start, loadOnce))
      turns.set(request, joinTurns(turns.get(request) ?? new Map(), more));
  }
  for (const [request, all] of turns) {
    reportTurns(all, `${service}, ${request}, without`);
    process.stdout.write("\n");
  }
}

/** All variants from their start to their end, with each kind of request. */
async function measureStart(service: string, start: Start, loadOnce: Load): Promise<Map<string, Turns>> {
  const names = Object.keys(VARIANTS) as VariantName[];
  const running = await Promise.all(
    names.map(async (name, index) => ({ name, process: await start(name, PORTS.first + index) })),
  );
  const turns = new Map<string, Turns>();
  try {
    for (const [request, headers] of Object.entries(REQUESTS)) {
      const contestants = running.map(
        ({ name, process }, index): Contestant => ({
          name: `${service}, ${request}, ${name}`,
          process,
          load: async (seconds) => ({ perSecond: await loadOnce(PORTS.first + index, headers, seconds) }),
        }),
      );
      turns.set(request, await inTurns(contestants, TURNS));
    }
  } finally {
    await stopAll(running.map(({ process }) => process));
  }
  return turns;
}

async function loadApi(port: number, headers: Headers, seconds: number): Promise<number> {
  const url = `http://127.0.0.1:${port}/api/items/mug`;
  await answers(url);
  return (await load(url, { seconds, connections: 16, headers })).requestsPerSecond;
}

async function loadStore(folder: string, port: number, headers: Headers, seconds: number): Promise<number> {
  // GetItemRequest { id: "mug" }
  const message = Uint8Array.of(0x0a, 3, ...Buffer.from("mug"));
  const call = { folder, method: "/store.v1.StoreService/GetItem", message, connections: 2, streams: 8 };
  const lower = Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]);
  return grpcLoad(port, { ...call, seconds, metadata: Object.fromEntries(lower) as Headers });
}

async function stopAll(processes: readonly Pinned[]): Promise<void> {
  await Promise.all(processes.map((one) => one.stop()));
}

await main();
