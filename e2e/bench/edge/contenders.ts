import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findEnvoy, findTraefik } from "../support/tools.ts";
import { envoyConfig } from "./envoy.ts";
import { traefikConfig } from "./traefik.ts";

/** A reverse proxy that is measured. */
export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly port: number;
}

export interface ContenderOptions {
  /** `host:port` */
  readonly backend: string;
  /** For configuration files. */
  readonly folder: string;
  /** The first of the ports that the contenders get. */
  readonly firstPort: number;
}

const NODE = [process.execPath, "--conditions=perch-source"];

/** perch's edge with so many canaries. */
export function perch(canaries: number, { backend }: ContenderOptions, port: number): Contender {
  const program = join(import.meta.dirname, "perch.ts");
  return {
    name: `perch, ${canaries} canaries`,
    command: [...NODE, program, String(port), backend, String(canaries)],
    port,
  };
}

/** The field, each forwarding everything to one back end; `say` is told who is left out and why. */
export async function field(options: ContenderOptions, say: (line: string) => void): Promise<Contender[]> {
  const { backend, folder, firstPort } = options;
  const inNode = ["bare-undici", "http-proxy-3", "fastify-http-proxy"].map((name, index) => {
    const port = firstPort + index;
    const program = join(import.meta.dirname, `${name}.ts`);
    return { name, command: [...NODE, program, String(port), backend], port };
  });
  const contenders: Contender[] = [...inNode];

  const envoyFile = join(folder, "envoy.json");
  await writeFile(envoyFile, JSON.stringify(envoyConfig(firstPort + 3, backend)));
  contenders.push({
    name: "Envoy",
    command: [await findEnvoy(), "--concurrency", "1", "--config-path", envoyFile, "--log-level", "warn"],
    port: firstPort + 3,
  });

  const traefik = await findTraefik();
  if (traefik === undefined)
    say("Traefik is left out: `make cluster` builds it, or PERCH_TRAEFIK names one.");
  else contenders.push(await traefikContender(traefik, folder, firstPort + 4, backend));
  return contenders;
}

async function traefikContender(
  binary: string,
  folder: string,
  port: number,
  backend: string,
): Promise<Contender> {
  // JSON is YAML; Traefik reads only files that are named so.
  const file = join(folder, "traefik.yaml");
  await writeFile(file, JSON.stringify(traefikConfig(backend)));
  const command = [
    binary,
    `--entrypoints.web.address=127.0.0.1:${port}`,
    `--providers.file.filename=${file}`,
    "--log.level=ERROR",
    "--global.checknewversion=false",
  ];
  return { name: "Traefik", command, env: { GOMAXPROCS: "1" }, port };
}
