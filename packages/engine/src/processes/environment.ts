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

/** URLs that an install needs beside, to reach a package registry. They may hold a password: only installs get them. */
const URLS = new Set(["http_proxy", "https_proxy", "npm_config_registry"]);

/** Hosts that are reached without the proxy: no URL. */
const NO_PROXY = "no_proxy";

/**
 * What an install sees of the engine's environment beside what all see, by names in any case: programs differ in which they read.
 * @param isTrusted whether it may see user names and passwords: a pull request's install may not.
 */
export function installVariables(
  engineEnv: NodeJS.ProcessEnv,
  isTrusted: boolean,
): Readonly<Record<string, string>> {
  const found = Object.entries(engineEnv).flatMap(([name, value = ""]) => {
    const isUrl = URLS.has(name.toLowerCase());
    if (!isUrl && name.toLowerCase() !== NO_PROXY) return [];
    const shown = isUrl && !isTrusted ? withoutCredentials(value) : value;
    return shown === undefined ? [] : [[name, shown] as const];
  });
  return Object.fromEntries(found);
}

/** `undefined` for what is no URL: where a password would be in it, nobody knows. */
function withoutCredentials(text: string): string | undefined {
  if (!text.includes("://") || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.username = "";
  url.password = "";
  // A password with a slash of its own is no password of a URL, but programs may take it for one.
  return url.href.includes("@") ? undefined : url.href;
}

/**
 * The environment of an install, a build or a service. perch's own Node comes first on PATH, then the programs of the
 * worktree's packages, then the engine's PATH. What the process is for is its first variable: whoever looks for it reads the beginning only.
 * @param folder absolute path of the instance's folder, which its worktree is in.
 * @param own what `processSpec` decided, and the instance's own home where it has one; it wins.
 */
export function environment(
  engineEnv: NodeJS.ProcessEnv,
  folder: string,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const env: Record<string, string> = { [OWNER]: folder };
  for (const name of PASSED_ON) {
    const value = engineEnv[name];
    if (value !== undefined) env[name] = value;
  }
  const programs = join(folder, "worktree", "node_modules", ".bin");
  env.PATH = [dirname(process.execPath), programs, engineEnv.PATH ?? ""].join(delimiter);
  return { ...env, ...own, [OWNER]: folder };
}
