import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** Who asks a registry. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * As whom a registry is asked: `PERCH_REGISTRY_USER` and `PERCH_REGISTRY_PASSWORD`, or what `docker login` wrote, a
 * credential helper included. Undefined: anonymously.
 */
export async function credentialsFor(
  host: string,
  env: Environment = process.env,
): Promise<Credentials | undefined> {
  const { PERCH_REGISTRY_USER: user, PERCH_REGISTRY_PASSWORD: password } = env;
  if (user && password) return { user, password };
  const folder = env.DOCKER_CONFIG || join(homedir(), ".docker");
  const config = await readJson(join(folder, "config.json"));
  const helper = textOf(recordOf(config.credHelpers)[host]) ?? textOf(config.credsStore);
  const fromHelper = helper === undefined ? undefined : await askHelper(helper, host);
  return fromHelper ?? decoded(textOf(recordOf(recordOf(config.auths)[host]).auth));
}

async function askHelper(helper: string, host: string): Promise<Credentials | undefined> {
  if (!/^[A-Za-z0-9_-]+$/.test(helper)) return undefined;
  const { stdout, exitCode } = await execa(`docker-credential-${helper}`, ["get"], {
    input: host,
    reject: false,
  });
  if (exitCode !== 0) return undefined;
  const { Username: user, Secret: password } = parsed(stdout);
  return typeof user === "string" && typeof password === "string" ? { user, password } : undefined;
}

/** `user:password` in base64. */
function decoded(auth: string | undefined): Credentials | undefined {
  if (auth === undefined) return undefined;
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>>> {
  return parsed(await readFile(file, "utf8").catch(() => "{}"));
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
