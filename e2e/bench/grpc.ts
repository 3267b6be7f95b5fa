import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromDebian } from "../support/debian.ts";
import { envoyConfig } from "./edge/envoy.ts";
import { spread } from "./figures.ts";
import { readStreams } from "./grpc/streams.ts";
import { type Figures, measureCpu, reportRatios, text } from "./support/cpu.ts";
import { grpcLoad } from "./support/grpc-load.ts";
import { CORES, type Pinned, startPinned } from "./support/pinned.ts";
import { findEnvoy } from "./support/tools.ts";

// What the gRPC router costs, against Envoy and against no router: `npm run bench:grpc`. Router on one core; load and back
// end on the next. Needs Linux.

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = Number(process.env.SECONDS ?? 4);
const STREAMS = 4;
const PORTS = { backend: 18_300, perch: 18_301, envoy: 18_302 };
const NODE = [process.execPath, "--conditions=perch-source"];

interface Way {
  readonly name: string;
  readonly port: number;
  /** Absent: straight to the back end. */
  readonly command?: readonly string[];
}

async function main(): Promise<void> {
  await fromDebian("h2load", "nghttp2-client");
  const folder = await mkdtemp(join(tmpdir(), "perch-bench-"));
  const envoyFile = join(folder, "envoy.json");
  await writeFile(envoyFile, JSON.stringify(envoyConfig(PORTS.envoy, `127.0.0.1:${PORTS.backend}`, "h2c")));
  const address = `127.0.0.1:${PORTS.backend}`;
  const ways: Way[] = [
    { name: "direct", port: PORTS.backend },
    { name: "perch", port: PORTS.perch, command: [...NODE, program("router"), String(PORTS.perch), address] },
    {
      name: "Envoy",
      port: PORTS.envoy,
      command: [await findEnvoy(), "--concurrency", "1", "--config-path", envoyFile, "--log-level", "warn"],
    },
  ];
  const backend = await startPinned([...NODE, program("backend"), String(PORTS.backend)], {
    core: CORES.others,
    port: PORTS.backend,
  });
  const calls: Figures = new Map();
  const rates = new Map<string, number[]>();
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const way of ways) {
        process.stderr.write(`# round ${round + 1} of ${ROUNDS}: ${way.name}\n`);
        await measure(way, backend, { folder, calls, rates });
      }
    }
  } finally {
    await backend.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const names = ways.map(({ name }) => name);
  reportRatios(calls, ["unary"], names, "direct");
  reportStreams(rates);
}

function program(name: string): string {
  return join(import.meta.dirname, "grpc", `${name}.ts`);
}

async function measure(
  { name, port, command }: Way,
  backend: Pinned,
  { folder, calls, rates }: { folder: string; calls: Figures; rates: Map<string, number[]> },
): Promise<void> {
  const router =
    command === undefined ? undefined : await startPinned(command, { core: CORES.measured, port });
  try {
    const call = { folder, method: "/store.v1.StoreService/GetItem", message: Buffer.alloc(20) };
    const metadata = { "x-canary": "store=7" };
    const once = (seconds: number) =>
      grpcLoad(port, { ...call, metadata, seconds, connections: 4, streams: 8 });
    await measureCpu(calls, `unary ${name}`, router ?? backend, { seconds: SECONDS, once });
    await readStreams(port, STREAMS);
    rates.set(name, [...(rates.get(name) ?? []), await readStreams(port, STREAMS)]);
  } finally {
    await router?.stop();
  }
}

function reportStreams(rates: ReadonlyMap<string, readonly number[]>): void {
  const direct = spread(rates.get("direct") ?? []).median;
  process.stdout.write("\n| | streamed MB/s | ÷ direct |\n|---|---|---|\n");
  for (const [name, values] of rates) {
    const rate = spread(values);
    process.stdout.write(`| ${name} | ${text(rate, 0)} | ${(rate.median / direct).toFixed(2)} |\n`);
  }
}

await main();
