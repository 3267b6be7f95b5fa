import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { CORES } from "./pinned.ts";

export interface Load {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface LoadOptions {
  readonly seconds: number;
  readonly connections: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Waits until a server that listens also has its routes. */
export async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await fetch(url)).ok) return;
    await sleep(50);
  }
  throw new Error(`${url} has no good answer after 5 seconds.`);
}

/**
 * Loads an HTTP/1.1 server as fast as it answers, by `wrk`.
 * @throws Error when an answer was not 2xx or a connection failed
 */
export async function load(url: string, { seconds, connections, headers = {} }: LoadOptions): Promise<Load> {
  const lines = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
  const { stdout } = await execa("taskset", [
    "--cpu-list",
    String(CORES.others),
    "wrk",
    "--threads=1",
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    "--latency",
    ...lines,
    url,
  ]);
  const errors = /(?:Socket errors|Non-2xx).*/.exec(stdout);
  if (errors !== null) throw new Error(`wrk saw errors of ${url}: ${errors[0]}`);
  return {
    requestsPerSecond: Number(read(stdout, /Requests\/sec:\s+([\d.]+)/)),
    p50: milliseconds(read(stdout, /^\s+50%\s+(\S+)/m)),
    p99: milliseconds(read(stdout, /^\s+99%\s+(\S+)/m)),
  };
}

function read(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`wrk did not say ${pattern}: ${text}`);
  return found;
}

/** `312.00us`, `1.02ms`, `1.20s` */
function milliseconds(text: string): number {
  const number = Number.parseFloat(text);
  if (text.endsWith("us")) return number / 1000;
  return text.endsWith("ms") ? number : number * 1000;
}
