import { delimiter, dirname, join } from "node:path";

/** All that a pull request's code sees of the engine's own environment: no token, no key, no secret is on this list. */
const PASSED_ON = [
  "HOME",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "USER",
  "LOGNAME",
  "SHELL",
  "XDG_CACHE_HOME",
] as const;

/**
 * The environment of an install, a build or a service. perch's own Node comes first on PATH, then the programs of the
 * worktree's packages, then the engine's PATH.
 * @param worktree absolute path.
 * @param own what `processSpec` decided; it wins.
 */
export function environment(
  engineEnv: NodeJS.ProcessEnv,
  worktree: string,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = engineEnv[name];
    if (value !== undefined) env[name] = value;
  }
  const programs = join(worktree, "node_modules", ".bin");
  env.PATH = [dirname(process.execPath), programs, engineEnv.PATH ?? ""].join(delimiter);
  return { ...env, ...own };
}
