import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, parseConfig, projectOf } from "@perch/core";
import { Pool } from "undici";
import { EDGE_HOST, perchYaml } from "../cluster/support/perch-yaml.ts";
import { until } from "../support/until.ts";
import { print, spread } from "./figures.ts";
import { settled, startTraefik, type Traefik } from "./traefik/process.ts";
import { dynamicConfiguration } from "./traefik/routes.ts";

// Processor time of one Traefik, a request and a reload, with the routes that perch renders: `npm run bench:traefik`.

const SIZES = [0, 100, 1000];
const REQUESTS = Number(process.env.REQUESTS ?? 5000);
const RUNS = 3;
const CALLERS = 4;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "perch-bench-"));
  const backend = createServer((_, response) => response.end("ok")).listen(0, "127.0.0.1");
  await once(backend, "listening");
  const traefik = await startTraefik(folder, await freePort());
  try {
    for (const size of SIZES) await measure(traefik, size, urlOf(backend.address()));
  } finally {
    await traefik.stop();
    backend.closeAllConnections();
    backend.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(traefik: Traefik, size: number, backend: string): Promise<void> {
  const canaries = Array.from({ length: size }, (_, index) => index + 1);
  await reload(traefik, canaries, backend);
  const middle = Math.max(1, Math.ceil(size / 2));
  const selectors = {
    stable: undefined,
    number: `${middle}`,
    one: `api=${middle}`,
    two: `api=${middle},web=1`,
  };
  for (const [name, selector] of Object.entries(selectors)) {
    const times = await repeated(() => requests(traefik, selector));
    print(`${size} canaries: a request, ${NAMES[name] ?? name}`, spread(times), "µs");
  }
  // One comes, one goes.
  const changes = [[...canaries, size + 1], canaries, [...canaries, size + 2]];
  const reloads = [];
  for (const changed of changes) reloads.push(await reload(traefik, changed, backend));
  print(`${size} canaries: a reload`, spread(reloads.map((seconds) => seconds * 1000)), "ms");
}

const NAMES: Readonly<Record<string, string>> = {
  stable: "no header",
  number: "a number",
  one: "a list of one",
  two: "a list of two",
};

/** Microseconds of processor time a request. */
async function requests(traefik: Traefik, selector: string | undefined): Promise<number> {
  const pool = new Pool(traefik.url, { connections: CALLERS });
  const headers = { host: EDGE_HOST, ...(selector !== undefined && { "x-canary": selector }) };
  const before = await traefik.used();
  const caller = async () => {
    for (let n = 0; n < REQUESTS / CALLERS; n += 1) {
      const { statusCode, body } = await pool.request({ path: "/api/items", method: "GET", headers });
      await body.dump();
      if (statusCode !== 200) throw new Error(`${selector}: ${statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  const used = (await traefik.used()) - before;
  await pool.close();
  return (used / REQUESTS) * 1_000_000;
}

/** Counts reloads: each has a path of its own, which says that it is taken up. */
let generation = 0;

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined);
  return response?.status === 200;
}

async function repeated(once: () => Promise<number>): Promise<number[]> {
  const values = [];
  for (let run = 0; run < RUNS; run += 1) values.push(await once());
  return values;
}

/** Seconds of processor time until new routes are taken up. */
async function reload(traefik: Traefik, canaries: readonly number[], backend: string): Promise<number> {
  const service = projectOf(config).services.get("api");
  if (service === undefined) throw new RangeError("api");
  generation += 1;
  const mark = `/generation-${generation}`;
  const routes = dynamicConfiguration(config, service, canaries, backend);
  routes.http.routers.generation = { rule: `Path(\`${mark}\`)`, service: "api", entryPoints: ["web"] };
  const before = await settled(traefik);
  await writeFile(traefik.file, JSON.stringify(routes));
  await until(`routes of ${canaries.length} canaries`, 60, () => answers(`${traefik.url}${mark}`));
  return (await settled(traefik)) - before;
}

const config = shopConfig();

function shopConfig(): Config {
  const parsed = parseConfig(perchYaml("https://github.example.com"));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function urlOf(address: string | AddressInfo | null): string {
  return `http://127.0.0.1:${(address as AddressInfo).port}`;
}

await main();
