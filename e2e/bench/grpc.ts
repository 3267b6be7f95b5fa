import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromDebian } from "../support/debian.ts";
import { envoyConfig } from "./edge/envoy.ts";
import { readStreams } from "./grpc/streams.ts";
import { grpcLoad } from "./support/grpc-load.ts";
import { CORES, startPinned } from "./support/pinned.ts";
import { findEnvoy } from "./support/tools.ts";
import { type Contestant, inTurns, reportTurns, type Sample } from "./support/turns.ts";

// What the gRPC router costs, against Envoy and against no router: `npm run bench:grpc`. Router on one core; load and back
// end on the next. Needs Linux.

const TURNS = {
  rounds: Number(process.env.ROUNDS ?? 12),
  seconds: Number(process.env.SECONDS ?? 1),
  warmUp: 4,
};
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
  await fromDebian("h2load");
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
  const running = [backend];
  const calls: Contestant[] = [];
  const streams: Contestant[] = [];
  try {
    for (const { name, port, command } of ways) {
      const process =
        command === undefined ? backend : await startPinned(command, { core: CORES.measured, port });
      if (command !== undefined) running.push(process);
      calls.push({ name: `unary, ${name}`, process, load: (seconds) => call(folder, port, seconds) });
      streams.push({ name: `streams, ${name}`, process, load: (seconds) => stream(port, seconds) });
    }
    reportTurns(await inTurns(calls, TURNS), "unary, direct", "calls");
    process.stdout.write("\n");
    reportTurns(await inTurns(streams, TURNS), "streams, direct", "MB");
  } finally {
    await Promise.all(running.map((one) => one.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function call(folder: string, port: number, seconds: number): Promise<Sample> {
  const method = "/store.v1.StoreService/GetItem";
  const how = { metadata: { "x-canary": "store=7" }, connections: 4, streams: 8 };
  return { perSecond: await grpcLoad(port, { folder, method, message: Buffer.alloc(20), seconds, ...how }) };
}

/** As many bytes as there are, so often as the time lets it. */
async function stream(port: number, seconds: number): Promise<Sample> {
  const began = performance.now();
  let megabytes = 0;
  while (performance.now() - began < seconds * 1_000) megabytes += await readStreams(port, STREAMS);
  const took = (performance.now() - began) / 1_000;
  // What was sent beyond the time counts, and so does the time.
  return { perSecond: megabytes / took, seconds: took };
}

function program(name: string): string {
  return join(import.meta.dirname, "grpc", `${name}.ts`);
}

await main();
