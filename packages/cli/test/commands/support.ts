import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const PERCH = join(import.meta.dirname, "..", "..", "bin", "perch.js");

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real command in a folder. */
export function perch(cwd: string, ...args: string[]): Promise<Run> {
  return perchWith({}, cwd, ...args);
}

/** The same with more environment. */
export function perchWith(
  variables: Readonly<Record<string, string>>,
  cwd: string,
  ...args: string[]
): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<Run>();
  const env = { ...process.env, NO_COLOR: "1", ...variables };
  execFile(process.execPath, [PERCH, ...args], { cwd, env }, (error, stdout, stderr) =>
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
  );
  return promise;
}

const SERVICES = `  api: { repo: acme/shop, path: services/api, protocol: http, edge: /, calls: { STORE_ADDR: store } }
  store: { repo: acme/shop, path: services/store, protocol: grpc, grpcServices: [store.v1.StoreService] }
`;

/** perch.yaml of two services; `more` are services, or what is behind them. */
export function perchYaml(more = ""): string {
  return `apiVersion: perch.dev/v1\nproject: shop\nregistry: ghcr.io/acme\nservices:\n${SERVICES}${more}`;
}

/** A repository with perch.yaml, gone after the work. */
export async function inRepository(
  work: (folder: string) => Promise<void>,
  files: Readonly<Record<string, string>> = { "perch.yaml": perchYaml() },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "perch-cli-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
