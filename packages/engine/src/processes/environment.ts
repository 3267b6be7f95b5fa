import { delimiter, dirname, join } from "node:path";
import { OWNER } from "./strays.ts";

/**
 * All that a pull request's code sees of the engine's own environment: no token, no key, no secret is on this list. The
 * certificates are those that the machine trusts: behind a company's proxy nothing can be fetched without them.
 */
const PASSED_ON = [
  "HOME",
  "LANG",
  "LC_ALL",
  "LOGNAME",
  "NODE_EXTRA_CA_CERTS",
  "SHELL",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
  "TMPDIR",
  "TZ",
  "USER",
  "XDG_CACHE_HOME",
] as const;

/** What an install needs beside, to reach a package registry. A proxy's address may hold a password: only installs get it. */
export const INSTALL_ONLY = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "npm_config_registry",
] as const;

/**
 * The environment of an install, a build or a service. perch's own Node comes first on PATH, then the programs of the
 * worktree's packages, then the engine's PATH.
 * @param folder absolute path of the instance's folder, which its worktree is in.
 * @param own what `processSpec` decided, and the instance's own home where it has one; it wins.
 * @param more names of further variables of the engine's that are passed on.
 */
export function environment(
  engineEnv: NodeJS.ProcessEnv,
  folder: string,
  own: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of [...PASSED_ON, ...more]) {
    const value = engineEnv[name];
    if (value !== undefined) env[name] = value;
  }
  const programs = join(folder, "worktree", "node_modules", ".bin");
  env.PATH = [dirname(process.execPath), programs, engineEnv.PATH ?? ""].join(delimiter);
  return { ...env, ...own, [OWNER]: folder };
}
