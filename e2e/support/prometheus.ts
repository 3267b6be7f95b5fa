import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { request } from "undici";
import { fromDebian } from "./debian.ts";

/** A real Prometheus on loopback, with its data in a folder of its own. */
export interface Prometheus {
  /** Root of its HTTP API. */
  readonly url: string;
  /** What an expression gives now. */
  query(expr: string): Promise<Sample[]>;
  /** Who is scraped, and how it went. */
  targets(): Promise<Target[]>;
  /** Rules whose last evaluation failed, with the reason. */
  failedRules(): Promise<string[]>;
  close(): Promise<void>;
}

/** One element of a result. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#targets */
export interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
}

/** @param config of Prometheus; `rules` are its only rule file. */
export async function startPrometheus(config: object, rules: object): Promise<Prometheus> {
  const program = await fromDebian("prometheus");
  const folder = await mkdtemp(join(tmpdir(), "perch-prometheus-"));
  const file = join(folder, "prometheus.json");
  await writeFile(join(folder, "rules.json"), JSON.stringify(rules));
  await writeFile(file, JSON.stringify({ ...config, rule_files: ["rules.json"] }));
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, "data")}`];
  const running = execa(program, [...flags, "--web.listen-address=127.0.0.1:0"], {
    buffer: false,
    reject: false,
    all: true,
  });
  const close = async () => {
    running.kill("SIGTERM");
    await running;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const root = `http://${await addressIn(running.all)}`;
    const url = `${root}/api/v1`;
    return {
      url: root,
      query: async (expr) => {
        const { result } = await get<{ result: Result[] }>(`${url}/query?query=${encodeURIComponent(expr)}`);
        return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
      },
      targets: async () =>
        (await get<{ activeTargets: Target[] }>(`${url}/targets?state=active`)).activeTargets,
      failedRules: async () =>
        (await get<{ groups: Group[] }>(`${url}/rules`)).groups
          .flatMap(({ rules: all }) => all)
          .flatMap(({ name, lastError = "" }) => (lastError === "" ? [] : [`${name}: ${lastError}`])),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

interface Group {
  readonly rules: readonly { readonly name: string; readonly lastError?: string }[];
}

async function get<Data>(url: string): Promise<Data> {
  const response = await request(url);
  const { status, data, error } = (await response.body.json()) as {
    status: string;
    data: Data;
    error?: string;
  };
  if (status !== "success") throw new Error(`GET ${url}: ${error}`);
  return data;
}

/** From its log: with port 0 the system chooses. */
async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  const printed: string[] = [];
  let address: string | undefined;
  for await (const line of createInterface({ input: output })) {
    address ??= /"Listening on".* address=(127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (address !== undefined && line.includes("Server is ready to receive web requests")) {
      output.resume();
      return address;
    }
    printed.push(line);
  }
  throw new Error(`Prometheus ended:\n${printed.join("\n")}`);
}
