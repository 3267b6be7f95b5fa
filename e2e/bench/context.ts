import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromDebian } from "../support/debian.ts";
import { startDatabase } from "./context/database.ts";
import { startApi, startCallee, startStore, VARIANTS, type VariantName } from "./context/services.ts";
import { type Figures, measureCpu, reportRatios } from "./support/cpu.ts";
import { grpcLoad } from "./support/grpc-load.ts";
import { answers, load } from "./support/load.ts";
import { CORES, type Pinned } from "./support/pinned.ts";

// What carrying the selector costs the services of this repository: `npm run bench:context`. Each service runs as it is
// deployed, without the library, and with OpenTelemetry's instrumentation carrying baggage in its place; in turn, several
// times around. Needs Linux.

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 4);
const PORTS = { database: 18_200, store: 18_201, api: 18_202 };

/** A request with a selector, and one of all the others. */
const REQUESTS = {
  tagged: { "X-Canary": "api=7,store=7", baggage: "canary=7" },
  untagged: {},
} satisfies Record<string, Readonly<Record<string, string>>>;

async function main(): Promise<void> {
  await fromDebian("wrk", "wrk");
  await fromDebian("h2load", "nghttp2-client");
  const folder = await mkdtemp(join(tmpdir(), "perch-bench-"));
  const database = await startDatabase(folder, PORTS.database);
  const figures: Figures = new Map();
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const variant of Object.keys(VARIANTS) as VariantName[]) {
        process.stderr.write(`# round ${round + 1} of ${ROUNDS}: ${variant}\n`);
        await measureApi(variant, figures);
        await measureStore(variant, folder, figures);
      }
    }
  } finally {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const subjects = ["api", "store"].flatMap((one) => Object.keys(REQUESTS).map((name) => `${one}, ${name}`));
  reportRatios(figures, subjects, Object.keys(VARIANTS), "without");
}

async function measureApi(variant: VariantName, figures: Figures): Promise<void> {
  const store = await startCallee(PORTS.store);
  const api = await startApi({ variant, core: CORES.measured, port: PORTS.api }, PORTS.store);
  const url = `http://127.0.0.1:${PORTS.api}/api/items/mug`;
  try {
    await answers(url);
    for (const [name, headers] of Object.entries(REQUESTS)) {
      const once = async (seconds: number) =>
        (await load(url, { seconds, connections: 16, headers })).requestsPerSecond;
      await measureCpu(figures, `api, ${name} ${variant}`, api, { seconds: SECONDS, once });
    }
  } finally {
    await stopAll([api, store]);
  }
}

async function measureStore(variant: VariantName, folder: string, figures: Figures): Promise<void> {
  const store = await startStore({ variant, core: CORES.measured, port: PORTS.store }, PORTS.database);
  // GetItemRequest { id: "mug" }
  const message = Uint8Array.of(0x0a, 3, ...Buffer.from("mug"));
  const call = { folder, method: "/store.v1.StoreService/GetItem", message, connections: 2, streams: 8 };
  try {
    for (const [name, headers] of Object.entries(REQUESTS)) {
      const lower = Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]);
      const metadata = Object.fromEntries(lower) as Record<string, string>;
      const once = (seconds: number) => grpcLoad(PORTS.store, { ...call, seconds, metadata });
      await measureCpu(figures, `store, ${name} ${variant}`, store, { seconds: SECONDS, once });
    }
  } finally {
    await stopAll([store]);
  }
}

async function stopAll(processes: readonly Pinned[]): Promise<void> {
  await Promise.all(processes.map((one) => one.stop()));
}

await main();
