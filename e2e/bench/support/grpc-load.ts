import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { CORES } from "./pinned.ts";

export interface GrpcLoadOptions {
  /** Where the message is put for `h2load`. */
  readonly folder: string;
  /** `/package.Service/Method` */
  readonly method: string;
  /** The message in protobuf's wire format. */
  readonly message: Uint8Array;
  readonly seconds: number;
  readonly connections: number;
  /** Calls under way on each connection. */
  readonly streams: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Loads a gRPC server with unary calls as fast as it answers, by `h2load`. Resolves to calls a second.
 * @throws Error when an answer was not HTTP 200
 */
export async function grpcLoad(port: number, options: GrpcLoadOptions): Promise<number> {
  const { folder, method, message, seconds, connections, streams, metadata = {} } = options;
  const file = join(folder, "message.bin");
  await writeFile(file, framed(message));
  const lines = Object.entries(metadata).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
  const { stdout } = await execa("taskset", [
    ...["--cpu-list", String(CORES.others), "h2load"],
    `--duration=${seconds}`,
    `--clients=${connections}`,
    `--max-concurrent-streams=${streams}`,
    `--data=${file}`,
    ...["--header", "content-type: application/grpc", "--header", "te: trailers"],
    ...lines,
    `http://127.0.0.1:${port}${method}`,
  ]);
  const failed = /(\d+) failed, (\d+) errored/.exec(stdout);
  const status = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(stdout);
  const bad = Number(status?.[3] ?? 1) + Number(status?.[4] ?? 1);
  if (bad > 0 || failed === null) throw new Error(`h2load saw errors of ${method}: ${stdout}`);
  const rate = /finished in .*?, ([\d.]+) req\/s/.exec(stdout)?.[1];
  if (rate === undefined) throw new Error(`h2load did not say a rate: ${stdout}`);
  return Number(rate);
}

/** A gRPC message: a byte that says "not compressed", its length in four, and itself. */
function framed(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
